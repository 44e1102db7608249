import type { Block } from '../../types.ts';
import {
  attribute,
  childrenOf,
  isDropped,
  isElement,
  layoutTables,
  lineOf,
  textOf,
  type HtmlElement,
  type HtmlNode,
} from './tree.ts';
import { textBuilder } from '../text-builder.ts';
import { cleanTitle } from '../title.ts';

const BLOCK_ELEMENTS = new Set(
  `address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6
   header hr html legend li main ol p pre section summary table tbody td tfoot th thead tr ul`.split(/\s+/u),
);
const LIST_DEPTH_SHOWN_MAX = 8;

/** The context of a node during the walk. */
interface State {
  builder: ReturnType<typeof textBuilder>;
  layout: Set<HtmlNode>;
  /** Text since the last block boundary. \u2028 stands for a line break in the source. */
  inline: string[];
  /** The block kinds around the node. */
  kinds: Omit<Block, 'start' | 'end'>[];
  /** One entry per open list: the number of the next item, or null in a bulleted list. */
  lists: (number | null)[];
  /** The bullet of an item that has no text yet. */
  bullet: string;
  lastKind: Block['kind'] | null;
}

type Step = HtmlNode | (() => void);

/**
 * The text of an HTML tree as blocks: headings, paragraphs, list items, quotes, preformatted text, tables as `a | b`
 * lines.
 */
export function htmlBlocks(root: HtmlNode): { text: string; blocks: Block[] } {
  const state: State = {
    builder: textBuilder(),
    layout: layoutTables(root),
    inline: [],
    kinds: [],
    lists: [],
    bullet: '',
    lastKind: null,
  };
  const steps: Step[] = [root];
  for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
    if (typeof step === 'function') step();
    else visit(state, step, steps);
  }
  flush(state);
  return state.builder.finish();
}

function visit(state: State, node: HtmlNode, steps: Step[]): void {
  const text = textOf(node);
  if (text !== null) {
    state.inline.push(text);
    return;
  }
  if (!isElement(node)) {
    pushChildren(node, steps);
    return;
  }
  if (isDropped(node)) return;
  if (node.tagName === 'br') state.inline.push('\u2028');
  else if (node.tagName === 'img') state.inline.push(attribute(node, 'alt') ?? '');
  else if (node.tagName === 'table' && !state.layout.has(node)) addTable(state, node);
  else if (BLOCK_ELEMENTS.has(node.tagName)) openBlock(state, node, steps);
  else pushChildren(node, steps);
}

function openBlock(state: State, element: HtmlElement, steps: Step[]): void {
  flush(state);
  const name = element.tagName;
  const kind = kindOf(name);
  if (kind !== null) state.kinds.push(kind);
  const list = name === 'ul' || name === 'ol';
  if (list) state.lists.push(name === 'ol' ? 1 : null);
  if (name === 'li') state.bullet = bulletOf(state);
  steps.push(() => {
    flush(state);
    if (kind !== null) state.kinds.pop();
    if (list) state.lists.pop();
    if (name === 'li') state.bullet = '';
  });
  pushChildren(element, steps);
}

function kindOf(name: string): Omit<Block, 'start' | 'end'> | null {
  if (/^h[1-6]$/u.test(name)) return { kind: 'heading', level: Number(name.slice(1)) };
  if (name === 'pre') return { kind: 'code', keepWhole: true };
  if (name === 'blockquote') return { kind: 'quote' };
  if (name === 'li' || name === 'dd' || name === 'dt') return { kind: 'list' };
  return null;
}

function bulletOf(state: State): string {
  const depth = Math.min(state.lists.length, LIST_DEPTH_SHOWN_MAX);
  const number = state.lists.at(-1) ?? null;
  if (number !== null) state.lists[state.lists.length - 1] = number + 1;
  return `${'  '.repeat(Math.max(0, depth - 1))}${number === null ? '-' : `${number}.`} `;
}

function flush(state: State): void {
  const raw = state.inline.join('');
  state.inline = [];
  const kind = state.kinds.at(-1) ?? { kind: 'paragraph' as const };
  const text = kind.kind === 'code' ? raw.replaceAll('\u2028', '\n') : proseOf(raw);
  if (text.trim() === '') return;
  if (kind.kind === 'heading') {
    const heading = text.replaceAll('\n', ' ');
    state.builder.add({ ...kind, heading: cleanTitle(heading) }, heading);
  } else {
    const separator = kind.kind === 'list' && state.lastKind === 'list' ? '\n' : '\n\n';
    state.builder.add(kind, state.bullet + text, separator);
    state.bullet = '';
  }
  state.lastKind = kind.kind;
}

function proseOf(raw: string): string {
  const lines = raw.split('\u2028').map((line) => line.replace(/\s+/gu, ' ').trim());
  return lines.join('\n');
}

function addTable(state: State, table: HtmlElement): void {
  flush(state);
  const rows: string[] = [];
  const pending = childrenOf(table).toReversed();
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (!isElement(node) || isDropped(node)) continue;
    if (node.tagName === 'tr') {
      const cells = childrenOf(node).filter((cell) => isElement(cell) && !isDropped(cell));
      const row = cells.map(lineOf);
      if (row.some((cell) => cell !== '')) rows.push(row.join(' | '));
    } else if (node.tagName === 'caption') {
      state.builder.add({ kind: 'paragraph' }, lineOf(node));
    } else for (const child of childrenOf(node).toReversed()) pending.push(child);
  }
  state.builder.add({ kind: 'table', keepWhole: true }, rows.join('\n'));
  state.lastKind = 'table';
}

function pushChildren(node: HtmlNode, steps: Step[]): void {
  for (const child of childrenOf(node).toReversed()) steps.push(child);
}
