import { setImmediate } from 'node:timers/promises';
import { decimalsPerTurn } from '../limits.ts';

/** Significant digits that lead back to every 32-bit float. */
const DIGITS_MAX = 9;
/** Every decimal of so many digits comes back unchanged from a 32-bit float. */
const DIGITS_MIN = 6;

/** The number of fewest digits that is this 32-bit float again: JSON writes it as short as it can be. */
export function shortest(float: number): number {
  for (let digits = DIGITS_MIN; digits < DIGITS_MAX; digits += 1) {
    const short = Number(float.toPrecision(digits));
    if (Math.fround(short) === float) return short;
  }
  return Number(float.toPrecision(DIGITS_MAX));
}

/** Vectors as lists of such numbers. The event loop runs in between. */
export async function toNumbers(vectors: readonly Float32Array[]): Promise<number[][]> {
  const lists: number[][] = [];
  let written = 0;
  for (const vector of vectors) {
    lists.push(Array.from(vector, shortest));
    written += vector.length;
    if (written < decimalsPerTurn) continue;
    written = 0;
    await setImmediate();
  }
  return lists;
}
