import type { SparseInput, SparseVector } from '@tributary/schemas';
import { setImmediate } from 'node:timers/promises';
import { decimalsPerTurn } from './limits.ts';

/** Significant digits with which every 32-bit float survives a round trip. */
const DIGITS_MAX = 9;

/**
 * The number with the fewest digits that gives this 32-bit float again, because JSON writes it as short as it can be.
 * Most need eight or nine digits, so these are tried first; if seven do not suffice, six do not either.
 */
export function shortest(float: number): number {
  const seven = Number(float.toPrecision(7));
  if (Math.fround(seven) === float) {
    const six = Number(float.toPrecision(6));
    return Math.fround(six) === float ? six : seven;
  }
  const eight = Number(float.toPrecision(8));
  return Math.fround(eight) === float ? eight : Number(float.toPrecision(DIGITS_MAX));
}

/** A sparse vector as lists of such numbers. */
export const toPairs = ({ indices, values }: SparseVector): SparseInput => ({
  indices: [...indices],
  values: Array.from(values, shortest),
});

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
