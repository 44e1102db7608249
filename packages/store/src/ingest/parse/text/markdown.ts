import type { Blockquote, RootContent } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { toString } from 'mdast-util-to-string';
import { gfm } from 'micromark-extension-gfm';

import { StoreError } from '../../../errors.ts';
import type { Block, Parser } from '../../types.ts';
import { decodeText } from './encoding.ts';
import { readFrontMatter } from './front-matter.ts';
import { fileDocument } from '../text-builder.ts';
import { chooseTitle, cleanTitle, documentHeading } from '../title.ts';

/** Images embedded as data URLs. They mean nothing in a text and fill the model's window. */
const INLINE_DATA = /(data:[a-z]{1,20}\/[a-z0-9.+-]{1,60};base64,)[A-Za-z0-9+/=]{64,}/gu;
/** mdBook and Pandoc attributes after a heading, as in `## Install {#install}`. */
const HEADING_ATTRIBUTES = /\s*\{[#.][^{}]{0,200}\}$/u;

/** A hundred nested quotes or lists. No author writes that, and the parse time grows with the square of the depth. */
const DEEP_NESTING = /^(?:[ \t]*(?:(?:>[ \t]?|[-*+][ \t]+|\d{1,9}[.)][ \t]+){100}|[ \t]{200,}(?:[-*+>]|\d{1,9}[.)])[ \t]))/mu;

/** Markdown. The text is the source itself without front matter, so that a chunk can be found in the file. */
export const markdownParser: Parser = {
  async parse(bytes, file) {
    const source = decodeText(bytes).text.replace(INLINE_DATA, '$1');
    if (DEEP_NESTING.test(source)) throw new StoreError('PARSE_MALFORMED', 'Its lists or quotes are nested too deeply.');
    const front = readFrontMatter(source);
    const text = source.slice(front.bodyStart);
    if (front.bodyStart > 0 && text.trim() === '')
      throw new StoreError('PARSE_NO_TEXT', 'The file has front matter and no text after it.');
    const blocks = markdownBlocks(text);
    const title = chooseTitle(file.path, front.title, documentHeading(blocks));
    return fileDocument(file.path, bytes, { title, text, blocks, metadata: front.metadata });
  },
};

/** The top-level blocks of CommonMark with GitHub's tables. */
export function markdownBlocks(text: string): Block[] {
  const tree = fromMarkdown(text, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });
  const blocks: Block[] = [];
  for (const node of tree.children) {
    const { start, end } = rangeOf(node);
    if (node.type === 'blockquote') blocks.push(...quoteBlocks(text, node));
    else if (end > start) blocks.push({ ...describe(node), start, end });
  }
  return blocks;
}

/** One block per paragraph of a quote. Each begins at the `>` of its line. */
function quoteBlocks(text: string, quote: Blockquote): Block[] {
  const { start, end } = rangeOf(quote);
  const starts = quote.children.map((child) => Math.max(start, text.lastIndexOf('\n', rangeOf(child).start) + 1));
  starts[0] = start;
  const ranges = starts.map((from, index) => ({ start: from, end: starts[index + 1] ?? end }));
  return ranges.filter((range) => range.end > range.start).map((range) => ({ kind: 'quote', ...range }));
}

function rangeOf(node: RootContent): { start: number; end: number } {
  return { start: node.position?.start.offset ?? 0, end: node.position?.end.offset ?? 0 };
}

function describe(node: RootContent): Omit<Block, 'start' | 'end'> {
  switch (node.type) {
    case 'heading':
      return { kind: 'heading', level: node.depth, heading: cleanTitle(toString(node).replace(HEADING_ATTRIBUTES, '')) };
    case 'code':
      return { kind: 'code', keepWhole: true };
    case 'table':
      return { kind: 'table', keepWhole: true };
    case 'list':
      return { kind: 'list' };
    default:
      return { kind: 'paragraph' };
  }
}
