/** One run of glyphs as pdf.js returns it, in PDF points from the lower left of the page. */
export interface GlyphRun {
  text: string;
  x: number;
  y: number;
  width: number;
  /** Font size. */
  size: number;
  rightToLeft: boolean;
}

/** Glyph runs on one baseline without a wide gap, in reading order. */
export interface Line {
  text: string;
  left: number;
  right: number;
  y: number;
  /** The font size of most of its characters. */
  size: number;
}

/** A gap wider than this many font sizes separates columns or table cells. */
const COLUMN_GAP_SIZES = 1.6;
/** A shift of the baseline up to this many font sizes is a superscript or subscript. */
const BASELINE_SHIFT_SIZES = 0.5;
/** A gap wider than this many font sizes is a space even when the file has none. */
const SPACE_GAP_SIZES = 0.2;

/** Joins glyph runs, in the order in which the page draws them, to lines. */
export function linesOf(runs: readonly GlyphRun[]): Line[] {
  const lines: Line[] = [];
  let open: GlyphRun[] = [];
  let box = { left: 0, right: 0 };
  for (const run of runs) {
    const last = open.at(-1);
    // pdf.js fills the gap between columns with one wide space.
    if (run.text.trim() === '' && run.width > COLUMN_GAP_SIZES * run.size) continue;
    if (last !== undefined && continues(box, open, run)) {
      open.push(run);
      box = { left: Math.min(box.left, run.x), right: Math.max(box.right, run.x + run.width) };
    } else {
      if (last !== undefined) lines.push(lineOf(open));
      open = [run];
      box = { left: run.x, right: run.x + run.width };
    }
  }
  if (open.length > 0) lines.push(lineOf(open));
  return lines.filter((line) => line.text !== '');
}

function continues(box: { left: number; right: number }, open: readonly GlyphRun[], run: GlyphRun): boolean {
  const last = open.at(-1);
  const first = open[0];
  if (last === undefined || first === undefined) return false;
  const size = Math.max(last.size, run.size, first.size);
  const onBaseline = Math.min(Math.abs(run.y - last.y), Math.abs(run.y - first.y)) <= BASELINE_SHIFT_SIZES * size;
  if (!onBaseline) return false;
  const gap = Math.max(run.x - box.right, box.left - (run.x + run.width));
  // Text drawn from right to left that is not Arabic or Hebrew is another column, not the same line.
  const backwards = run.x + run.width <= box.left && !run.rightToLeft && !last.rightToLeft && run.text.trim() !== '';
  return gap <= COLUMN_GAP_SIZES * size && !backwards;
}

function lineOf(runs: readonly GlyphRun[]): Line {
  const weights = new Map<number, number>();
  let turned = 0;
  let letters = 0;
  for (const run of runs) {
    const weight = run.text.trim().length;
    weights.set(run.size, (weights.get(run.size) ?? 0) + weight);
    letters += weight;
    if (run.rightToLeft) turned += weight;
  }
  const [size, main] = mainSize(weights, runs);
  const ordered = turned * 2 > letters ? rightToLeftOrder(runs) : runs.toSorted((a, b) => a.x - b.x);
  return {
    text: joinRuns(ordered),
    left: Math.min(...runs.map((run) => run.x)),
    right: Math.max(...runs.map((run) => run.x + run.width)),
    y: main.y,
    size,
  };
}

function mainSize(weights: ReadonlyMap<number, number>, runs: readonly GlyphRun[]): [number, GlyphRun] {
  let best = -1;
  let size = 1;
  for (const [candidate, weight] of weights) {
    if (weight > best) [best, size] = [weight, candidate];
  }
  const main = runs.find((run) => run.size === size && run.text.trim() !== '') ?? runs[0];
  return [size, main ?? { text: '', x: 0, y: 0, width: 0, size, rightToLeft: false }];
}

/** From the right edge to the left. Runs of Latin text and numbers keep their own order. */
function rightToLeftOrder(runs: readonly GlyphRun[]): GlyphRun[] {
  const sorted = runs.toSorted((a, b) => b.x - a.x);
  const ordered: GlyphRun[] = [];
  let latin: GlyphRun[] = [];
  for (const run of sorted) {
    const isSpace = run.text.trim() === '';
    if (!run.rightToLeft && (!isSpace || latin.length > 0)) latin.push(run);
    else {
      ordered.push(...latin.reverse(), run);
      latin = [];
    }
  }
  return [...ordered, ...latin.reverse()];
}

function joinRuns(runs: readonly GlyphRun[]): string {
  let text = '';
  let before: GlyphRun | null = null;
  for (const run of runs) {
    if (before !== null) {
      const gap = Math.max(run.x - (before.x + before.width), before.x - (run.x + run.width));
      if (gap > SPACE_GAP_SIZES * Math.min(run.size, before.size)) text += ' ';
    }
    text += run.text;
    before = run;
  }
  return text.replace(/\s+/gu, ' ').trim();
}
