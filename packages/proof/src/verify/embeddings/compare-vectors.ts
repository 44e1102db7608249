import { denseScore } from '../../score/dense.ts';

/** Lowest cosine at which two vectors count as made from the same text by the same model. */
export const EMBEDDING_COSINE_MIN = 0.99;
/** By how much their lengths may differ. A vector that is longer counts for more where dot products are ranked. */
const LENGTH_RATIO = { min: 0.9, max: 1.1 } as const;

/** How a vector that was given compares with one's own of the same text. */
export interface Comparison {
  /** From -1 to 1; -1 when the dimensions differ. */
  readonly cosine: number;
  /** True when one model can have made both (docs/spec/embedding.md). */
  readonly same: boolean;
}

export function compareVectors(given: Float32Array, own: Float32Array): Comparison {
  if (given.length !== own.length) return { cosine: -1, same: false };
  const [a, b] = [lengthOf(given), lengthOf(own)];
  // A vector of zeros has no direction.
  if (a === 0 || b === 0) return { cosine: a === b ? 1 : 0, same: a === b };
  const cosine = Math.min(1, Math.max(-1, denseScore('cosine', given, own)));
  const ratio = a / b;
  return { cosine, same: cosine >= EMBEDDING_COSINE_MIN && ratio >= LENGTH_RATIO.min && ratio <= LENGTH_RATIO.max };
}

const lengthOf = (vector: Float32Array): number => Math.sqrt(denseScore('dotproduct', vector, vector));
