import type { Line } from './lines.ts';
import { textBuilder } from '../text-builder.ts';
import { cleanTitle } from '../title.ts';
import type { Block } from '../../types.ts';

export interface PageLines {
  /** 1-based. */
  page: number;
  lines: readonly Line[];
}

interface Paragraph {
  page: number;
  lines: Line[];
}

/** Text this much larger than the body is a heading. */
const HEADING_RATIO = 1.12;
const HEADING_UNITS_MAX = 200;
const HEADING_LEVELS_MAX = 4;
/** Lines with baselines further apart than this many font sizes belong to different paragraphs. */
const LEADING_SIZES_MAX = 1.75;
const SENTENCE_END = /[.!?:;…。！？؟][\])"'”’»]*$/u;
/** A hyphen at the end of a line between small letters. It usually splits one word. */
const BROKEN_WORD = /(\p{L}+)(?:-|\u2010)$/u;

/** Paragraphs and headings of all pages. Sizes are compared across the whole document. */
export function pdfBlocks(pages: readonly PageLines[]): { text: string; blocks: Block[] } {
  const body = bodySize(pages);
  const paragraphs = pages.flatMap((page) => paragraphsOf(page, body));
  const levels = headingLevels(paragraphs, body);
  const hyphenated = hyphenatedWords(pages);
  const builder = textBuilder();
  for (const paragraph of paragraphs) {
    const text = joinLines(paragraph.lines, hyphenated);
    const level = text.length <= HEADING_UNITS_MAX && /\p{L}/u.test(text) ? levels.get(sizeOf(paragraph)) : undefined;
    if (level === undefined) builder.add({ kind: 'paragraph', page: paragraph.page }, text);
    else builder.add({ kind: 'heading', level, heading: cleanTitle(text), page: paragraph.page }, text);
  }
  return builder.finish();
}

/** The size in which most characters are set, rounded to half points. */
function bodySize(pages: readonly PageLines[]): number {
  const weights = new Map<number, number>();
  for (const { lines } of pages) {
    for (const line of lines) weights.set(round(line.size), (weights.get(round(line.size)) ?? 0) + line.text.length);
  }
  return [...weights].reduce((best, next) => (next[1] > best[1] ? next : best), [0, 0])[0];
}

function paragraphsOf({ page, lines }: PageLines, body: number): Paragraph[] {
  const paragraphs: Paragraph[] = [];
  let last: Line | null = null;
  for (const line of lines) {
    const open = paragraphs.at(-1);
    if (open !== undefined && last !== null && continuesParagraph(open, last, line, body)) open.lines.push(line);
    else paragraphs.push({ page, lines: [line] });
    last = line;
  }
  return paragraphs;
}

function continuesParagraph(open: Paragraph, last: Line, line: Line, body: number): boolean {
  const size = Math.max(last.size, line.size);
  if (Math.abs(last.size - line.size) > 0.08 * size) return false;
  const down = last.y - line.y;
  // Cells of one table row.
  if (Math.abs(down) < 0.5 * size) return true;
  if (down < 0 || down > LEADING_SIZES_MAX * size) {
    // The next column, or text below a figure. Only an unfinished sentence continues there.
    return round(line.size) <= body * HEADING_RATIO && !SENTENCE_END.test(last.text) && /^\p{Ll}/u.test(line.text);
  }
  const left = Math.min(...open.lines.slice(-8).map((item) => item.left));
  const right = Math.max(...open.lines.slice(-8).map((item) => item.right));
  const indented = line.left - left > 0.8 * size && line.left - last.left > 0.8 * size;
  const endsShort = right - last.right > 0.15 * (right - left);
  return !(SENTENCE_END.test(last.text) && (indented || endsShort)) && !/^[•▪◦‣–]\s/u.test(line.text);
}

function sizeOf(paragraph: Paragraph): number {
  return round(paragraph.lines[0]?.size ?? 0);
}

/** The larger the font, the higher the level. */
function headingLevels(paragraphs: readonly Paragraph[], body: number): Map<number, number> {
  const sizes = new Set(paragraphs.map(sizeOf).filter((size) => size > body * HEADING_RATIO));
  const sorted = [...sizes].toSorted((a, b) => b - a);
  return new Map(sorted.map((size, index) => [size, Math.min(index + 1, HEADING_LEVELS_MAX)]));
}

/** Words that are hyphenated within a line, such as "just-in". At the end of a line they keep their hyphen. */
function hyphenatedWords(pages: readonly PageLines[]): Set<string> {
  const words = new Set<string>();
  for (const { lines } of pages) {
    for (const line of lines) {
      for (const [word] of line.text.matchAll(/\p{L}+(?:-\p{L}+)+/gu)) {
        const parts = word.toLowerCase().split('-');
        for (let index = 1; index < parts.length; index += 1) words.add(`${parts[index - 1]}-${parts[index]}`);
      }
    }
  }
  return words;
}

function joinLines(lines: readonly Line[], hyphenated: ReadonlySet<string>): string {
  let text = '';
  for (const line of lines) {
    if (text === '') text = line.text;
    else if (text.endsWith('\u00ad')) text = text.slice(0, -1) + line.text;
    else if (isBroken(text, line.text, hyphenated)) text = text.slice(0, -1) + line.text;
    else if (/[-\u2010]$/u.test(text) && /\p{L}[-\u2010]$/u.test(text)) text += line.text;
    else text += (isIdeograph(text.slice(-1)) && isIdeograph(line.text.slice(0, 1)) ? '' : ' ') + line.text;
  }
  return text.replaceAll('\u00ad', '');
}

function isBroken(before: string, after: string, hyphenated: ReadonlySet<string>): boolean {
  const head = BROKEN_WORD.exec(before.slice(-64))?.[1];
  const tail = /^\p{Ll}[\p{L}]*/u.exec(after.slice(0, 64))?.[0];
  if (head === undefined || tail === undefined || !/\p{Ll}$/u.test(head)) return false;
  return !hyphenated.has(`${head.toLowerCase()}-${tail.toLowerCase()}`);
}

function isIdeograph(char: string): boolean {
  return /[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]/u.test(char);
}

function round(size: number): number {
  return Math.round(size * 2) / 2;
}
