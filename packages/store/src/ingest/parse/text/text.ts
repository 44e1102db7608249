import type { Block, Parser } from '../../types.ts';
import { decodeText } from './encoding.ts';
import { fileDocument } from '../text-builder.ts';
import { chooseTitle } from '../title.ts';

/** Chapter headings as usual in plain-text books: "CHAPTER IV. The Storm", "Part 2", "Appendix B". */
const CHAPTER = /^(?:chapter|part|book|section|appendix|act|глава|часть)\s+[\p{L}\d]/iu;
/** "1.2 Scope": a number, a capital letter, no full stop at the end. */
const NUMBERED = /^\d{1,3}(?:\.\d{1,3})*\.?\s+\p{Lu}.*[^.;,:!?]$/u;
const HEADING_UNITS_MAX = 90;

/** Plain text in any encoding. Empty lines separate paragraphs; a chapter line that stands alone is a heading. */
export const textParser: Parser = {
  async parse(bytes, file) {
    const { text, encoding } = decodeText(bytes);
    const blocks = paragraphBlocks(text);
    const title = chooseTitle(file.path);
    return fileDocument(file.path, bytes, { title, text, blocks, metadata: encoding === 'utf-8' ? {} : { encoding } });
  },
};

/** Paragraphs and chapter headings of a text, split at empty lines. */
export function paragraphBlocks(text: string): Block[] {
  const blocks: Block[] = [];
  for (const { start, end } of paragraphsOf(text)) {
    const line = text.slice(start, Math.min(end, start + HEADING_UNITS_MAX + 1));
    const heads =
      line.length <= HEADING_UNITS_MAX && !line.includes('\n') && (CHAPTER.test(line.trim()) || NUMBERED.test(line.trim()));
    if (heads) blocks.push({ kind: 'heading', level: /^\d+\.\d/u.test(line) ? 2 : 1, heading: line.trim(), start, end });
    else blocks.push({ kind: 'paragraph', start, end });
  }
  return blocks;
}

/** Runs of non-blank lines. */
export function* paragraphsOf(text: string): Generator<{ start: number; end: number }> {
  let start = -1;
  let end = -1;
  for (let at = 0; at < text.length;) {
    const next = text.indexOf('\n', at);
    const lineEnd = next < 0 ? text.length : next;
    const blank = isBlank(text, at, lineEnd);
    if (!blank) {
      if (start < 0) start = at;
      end = lineEnd;
    } else if (start >= 0) {
      yield { start, end };
      start = -1;
    }
    at = lineEnd + 1;
  }
  if (start >= 0) yield { start, end };
}

function isBlank(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) {
    if (!/\s/u.test(text.charAt(at))) return false;
  }
  return true;
}
