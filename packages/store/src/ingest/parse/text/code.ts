import type { Block, Parser } from '../../types.ts';
import { decodeText } from './encoding.ts';
import { fileDocument } from '../text-builder.ts';
import { chooseTitle } from '../title.ts';

/**
 * Source code, with one block per top-level piece: from an unindented line after an empty line to the next such line. A
 * closing bracket or `end` belongs to the piece before it.
 */
export const codeParser: Parser = {
  async parse(bytes, file) {
    const { text } = decodeText(bytes);
    const title = chooseTitle(file.path);
    return fileDocument(file.path, bytes, {
      title,
      text,
      blocks: codeBlocks(text),
      metadata: { language: file.mediaType.replace(/^text\/x-/u, '') },
    });
  },
};

const CONTINUES = /^(?:[\s)\]}]|end\b|else\b|elif\b|except\b|finally\b|catch\b)/u;

export function codeBlocks(text: string): Block[] {
  const blocks: Block[] = [];
  let start = -1;
  let end = -1;
  let afterBlank = true;
  for (let at = 0; at < text.length;) {
    const next = text.indexOf('\n', at);
    const lineEnd = next < 0 ? text.length : next;
    // The first characters suffice to classify a line. Lines of minified code are very long.
    const head = text.slice(at, Math.min(lineEnd, at + 256));
    const blank = head.trim() === '' && text.slice(at, lineEnd).trim() === '';
    if (!blank) {
      if (start >= 0 && afterBlank && !CONTINUES.test(head)) {
        blocks.push({ kind: 'code', start, end, keepWhole: true });
        start = -1;
      }
      if (start < 0) start = at;
      end = lineEnd;
    }
    afterBlank = blank;
    at = lineEnd + 1;
  }
  if (start >= 0) blocks.push({ kind: 'code', start, end, keepWhole: true });
  return blocks;
}
