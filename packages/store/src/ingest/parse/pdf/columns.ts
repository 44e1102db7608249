import type { Line } from './lines.ts';

/**
 * Two lines side by side count as a row of columns only when both have at least this many characters. Cells of tables
 * are shorter.
 */
const COLUMN_CHARACTERS_MIN = 18;
/** Fewest rows that count as columns. */
const ROWS_MIN = 4;
const COLUMNS_MAX = 4;

/**
 * Puts lines in reading order. In nearly all files the order in which a page draws its text is the reading order, and
 * it is kept. Where it runs row by row across columns of prose, as some word processors and OCR programs do, each
 * column is read to its end.
 */
export function readingOrder(lines: readonly Line[], columns = COLUMNS_MAX): Line[] {
  const gutter = columns > 1 ? findGutter(lines) : null;
  if (gutter === null) return [...lines];
  const ordered: Line[] = [];
  let left: Line[] = [];
  let right: Line[] = [];
  const flush = (): void => {
    ordered.push(...readingOrder(left, columns - 1), ...readingOrder(right, columns - 1));
    left = [];
    right = [];
  };
  for (const line of lines) {
    if (line.right <= gutter) left.push(line);
    else if (line.left >= gutter) right.push(line);
    else {
      flush();
      ordered.push(line);
    }
  }
  flush();
  return ordered;
}

/** The x of the gap between columns that are drawn row by row, or null. */
function findGutter(lines: readonly Line[]): number | null {
  const gaps: { left: number; right: number }[] = [];
  for (let index = 1; index < lines.length; index += 1) {
    const a = lines[index - 1];
    const b = lines[index];
    if (a === undefined || b === undefined) continue;
    const sameRow = Math.abs(a.y - b.y) < 0.5 * Math.max(a.size, b.size) && b.left > a.right;
    if (sameRow && Math.min(a.text.length, b.text.length) >= COLUMN_CHARACTERS_MIN) gaps.push({ left: a.right, right: b.left });
  }
  if (gaps.length < ROWS_MIN) return null;
  // The leftmost gutter is cut first. Those to its right are found when the right part is ordered.
  const start = Math.min(...gaps.map((gap) => gap.right));
  const here = gaps.filter((gap) => gap.left < start);
  if (here.length < ROWS_MIN) return null;
  return (Math.max(...here.map((gap) => gap.left)) + start) / 2;
}
