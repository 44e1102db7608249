/** Digits that are enough for every 32-bit float. */
const DIGITS_MAX = 9;

/**
 * The number of fewest digits that is this 32-bit float again. Most need eight or nine: where seven do not lead back,
 * six do not either.
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

export const toNumbers = (vector: Float32Array): number[] => Array.from(vector, shortest);

/** A score as a 32-bit float. */
export const toScore = (score: number): number => shortest(Math.fround(score));
