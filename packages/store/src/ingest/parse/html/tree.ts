import type { DefaultTreeAdapterTypes } from 'parse5';

import { isFurniture } from './furniture.ts';

export type HtmlNode = DefaultTreeAdapterTypes.Node;
export type HtmlElement = DefaultTreeAdapterTypes.Element;

/** Elements whose text does not belong to the document: code, styles, navigation, controls, embedded media. */
const DROPPED = new Set(
  `script style nav template noscript head iframe object embed svg canvas audio video select option datalist button input textarea
   dialog annotation annotation-xml`.split(/\s+/u),
);

export function isElement(node: HtmlNode): node is HtmlElement {
  return 'tagName' in node;
}

export function textOf(node: HtmlNode): string | null {
  return node.nodeName === '#text' && 'value' in node ? node.value : null;
}

export function attribute(element: HtmlElement, name: string): string | undefined {
  return element.attrs.find((item) => item.name === name)?.value;
}

export function isDropped(element: HtmlElement): boolean {
  return DROPPED.has(element.tagName) || isFurniture(element);
}

export function childrenOf(node: HtmlNode): readonly HtmlNode[] {
  return 'childNodes' in node ? node.childNodes : [];
}

/**
 * All nodes below `root` in document order, without dropped elements. The stack is explicit, because the author of the
 * page chooses the depth.
 */
export function* descendants(root: HtmlNode): Generator<HtmlNode> {
  const stack = childrenOf(root).toReversed();
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (isElement(node) && isDropped(node)) continue;
    yield node;
    for (const child of childrenOf(node).toReversed()) stack.push(child);
  }
}

/** The text below a node on one line. */
export function lineOf(root: HtmlNode): string {
  const parts: string[] = [];
  for (const node of descendants(root)) {
    const text = textOf(node);
    if (text !== null) parts.push(text);
    else if (isElement(node)) {
      if (node.tagName === 'img') parts.push(attribute(node, 'alt') ?? '');
      if (/^(?:br|p|div|li|tr|h[1-6])$/u.test(node.tagName)) parts.push(' ');
    }
  }
  return parts.join('').replace(/\s+/gu, ' ').trim();
}

const STRUCTURE = new Set('table h1 h2 h3 h4 h5 h6 ul ol pre blockquote article section'.split(' '));

/**
 * Tables used for layout only: those that contain another table, a heading, a list or preformatted text. One pass: each
 * finding counts against the innermost open table.
 */
export function layoutTables(root: HtmlNode): Set<HtmlNode> {
  const found = new Set<HtmlNode>();
  const open: HtmlNode[] = [];
  const stack: (HtmlNode | 'close')[] = [root];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (node === 'close') {
      open.pop();
      continue;
    }
    if (isElement(node) && STRUCTURE.has(node.tagName)) {
      const table = open.at(-1);
      if (table !== undefined) found.add(table);
    }
    if (isElement(node) && node.tagName === 'table') {
      open.push(node);
      stack.push('close');
    }
    for (const child of childrenOf(node)) stack.push(child);
  }
  return found;
}
