import type { Definition, Nodes, Parents, Table } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';
import { el } from '../dom.ts';
import { inertLink } from './inert-link.ts';

type Definitions = ReadonlyMap<string, Definition>;

/**
 * A passage of Markdown as elements. Markup of the passage itself stays text: from it, no element is ever made, so that
 * nothing is hidden and nothing needs to be cleaned.
 */
export function renderMarkdown(text: string): Node[] {
  const tree = fromMarkdown(text, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });
  const definitions = new Map(
    tree.children.flatMap((node) => (node.type === 'definition' ? [[node.identifier, node] as const] : [])),
  );
  return inside(tree, definitions);
}

function inside({ children }: Parents, definitions: Definitions): Node[] {
  return children.map((child) => render(child, definitions));
}

const SIMPLE = { paragraph: 'p', blockquote: 'blockquote', emphasis: 'em', strong: 'strong', delete: 'del' } as const;

function render(node: Nodes, definitions: Definitions): Node {
  switch (node.type) {
    case 'paragraph':
    case 'blockquote':
    case 'emphasis':
    case 'strong':
    case 'delete':
      return el(SIMPLE[node.type], {}, ...inside(node, definitions));
    case 'heading':
      // Not a heading of this page, whose own order of headings readers of screens use.
      return el('p', { class: `heading level-${node.depth}` }, ...inside(node, definitions));
    case 'list':
      return el(
        node.ordered ? 'ol' : 'ul',
        { start: node.ordered ? String(node.start ?? 1) : null },
        ...inside(node, definitions),
      );
    case 'listItem':
      return el('li', {}, box(node.checked), ...inside(node, definitions));
    case 'code':
      return codeBlock(node.value, node.lang ?? null);
    case 'inlineCode':
      return el('code', {}, node.value);
    case 'break':
      return el('br');
    case 'thematicBreak':
      return el('hr');
    case 'table':
      return table(node, definitions);
    case 'html':
      return el('code', { class: 'markup' }, node.value);
    default:
      return renderReference(node, definitions);
  }
}

/** Links, images and notes: everything that points somewhere. */
function renderReference(node: Nodes, definitions: Definitions): Node {
  switch (node.type) {
    case 'link':
      return inertLink(node.url, ...inside(node, definitions));
    case 'linkReference':
      return inertLink(definitions.get(node.identifier)?.url ?? '', ...inside(node, definitions));
    case 'image':
      return inertLink(node.url, `Image: ${node.alt || node.url}`);
    case 'imageReference':
      return inertLink(definitions.get(node.identifier)?.url ?? '', `Image: ${node.alt || node.identifier}`);
    case 'footnoteReference':
      return el('sup', {}, node.identifier);
    case 'footnoteDefinition':
      return el('div', { class: 'note' }, el('sup', {}, node.identifier), ...inside(node, definitions));
    case 'definition':
      return el('p', { class: 'note' }, `[${node.label ?? node.identifier}]: ${node.url}`);
    case 'text':
      return document.createTextNode(node.value);
    default:
      return 'children' in node ? el('span', {}, ...inside(node, definitions)) : document.createTextNode('');
  }
}

const box = (checked: boolean | null | undefined): string | null => (checked == null ? null : checked ? '☑ ' : '☐ ');

/** Code with its spaces. It scrolls by itself, so that a long line does not widen the page. */
export function codeBlock(code: string, language: string | null): HTMLElement {
  return el('pre', { tabindex: '0', 'data-language': language }, el('code', {}, code));
}

function table({ children: rows }: Table, definitions: Definitions): HTMLElement {
  const [head, ...body] = rows.map((row, at) =>
    el('tr', {}, ...row.children.map((cell) => el(at === 0 ? 'th' : 'td', {}, ...inside(cell, definitions)))),
  );
  const parts = [el('thead', {}, head ?? null), el('tbody', {}, ...body)];
  return el(
    'div',
    { class: 'scroll', role: 'region', tabindex: '0', 'aria-label': 'Table of the passage' },
    el('table', {}, ...parts),
  );
}
