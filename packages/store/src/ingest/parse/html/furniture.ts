import type { DefaultTreeAdapterTypes } from 'parse5';

type HtmlNode = DefaultTreeAdapterTypes.Node;
type HtmlElement = DefaultTreeAdapterTypes.Element;

/** Roles of elements around a page's content, or over it. */
const ROLES = new Set(['navigation', 'banner', 'contentinfo', 'search', 'dialog', 'alertdialog', 'menu', 'menubar', 'toolbar']);

/** Classes and ids that page generators give to navigation, edit links and hidden content. */
const NAMES = new Set(
  `mw-editsection mw-jump-link mw-hidden-catlinks mw-navigation catlinks printfooter navbox vertical-navbox sistersitebox noprint sitesub
   jump-to-nav toc breadcrumb breadcrumbs skip-link skip-nav skip-to-content headerlink header-anchor heading-anchor anchorjs-link
   site-header site-footer page-footer navbar sr-only-focusable`.split(/\s+/u),
);
/** A consent banner, by the words in its class or id. */
const CONSENT =
  /(?:^|[-_])(?:cookies?|consent|gdpr)(?:[-_](?:banner|bar|notice|consent|popup|modal|dialog|overlay|message|law))+(?:$|[-_])/u;
const INVISIBLE = /(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)\b/iu;
/**
 * Inside these, a header or footer belongs to the text around it, not to the page (HTML-AAM 1.0, "header", "footer").
 */
const SECTIONING = new Set(['article', 'aside', 'main', 'nav', 'section', 'blockquote', 'td']);
/** A header that is nested deeper counts as that of a part. */
const DEPTH_SEEN_MAX = 256;

/**
 * True for elements that are not part of a page's text: hidden elements, navigation, the page's own header and footer,
 * consent banners.
 */
export function isFurniture(element: HtmlElement): boolean {
  if (element.tagName === 'header' || element.tagName === 'footer') {
    const page = pageOf(element);
    if (page !== null && !holdsTheTitle(element, page)) return true;
  }
  return element.attrs.some(({ name, value }) => isHiding(name, value));
}

function isHiding(name: string, value: string): boolean {
  switch (name) {
    case 'hidden':
      return value !== 'until-found';
    case 'aria-hidden':
      return value.trim().toLowerCase() === 'true';
    case 'role':
      return ROLES.has(value.trim().toLowerCase());
    case 'style':
      return INVISIBLE.test(value);
    case 'class':
    case 'id':
      return value.toLowerCase().split(/\s+/u).some(isFurnitureName);
    default:
      return false;
  }
}

const isFurnitureName = (name: string): boolean => NAMES.has(name) || CONSENT.test(name);

/** The root of the page that a header or footer belongs to; null when it belongs to a part. */
function pageOf({ parentNode }: HtmlElement): HtmlNode | null {
  let node: HtmlNode | null = parentNode;
  for (let depth = 0; node !== null && depth < DEPTH_SEEN_MAX; depth += 1) {
    if ('tagName' in node && SECTIONING.has(node.tagName)) return null;
    const parent: HtmlNode | null = 'parentNode' in node ? node.parentNode : null;
    if (parent === null) return node;
    node = parent;
  }
  return null;
}

const titlesOfPage = new WeakMap<HtmlNode, number>();

/** True for a header that contains the page's only first-level heading. It names the page, not the site. */
function holdsTheTitle(element: HtmlElement, page: HtmlNode): boolean {
  if (element.tagName !== 'header') return false;
  const all = titlesOfPage.get(page) ?? countTitles(page);
  titlesOfPage.set(page, all);
  return all === 1 && countTitles(element) === 1;
}

function countTitles(root: HtmlNode): number {
  let count = 0;
  const stack: HtmlNode[] = [root];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (node.nodeName === 'h1') count += 1;
    if ('childNodes' in node) for (const child of node.childNodes) stack.push(child);
  }
  return count;
}
