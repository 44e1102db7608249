import { z } from 'zod';
import { sparseValuesMax } from './limits.ts';
import { base64url } from './primitives.ts';

/** Which vectors the records of an index have: dense ones, sparse ones, or dense ones and perhaps sparse ones. */
export const vectorKinds = z.enum(['dense', 'sparse', 'both']);
export type VectorKinds = z.infer<typeof vectorKinds>;
/** The same in what is signed, where `dense` is left out (docs/spec/snapshot.md). */
export const signedVectorKinds = vectorKinds.exclude(['dense']).optional();

/**
 * A sparse vector in its only form: indices ascend strictly, values are finite and not 0, and there is at least one
 * (docs/spec/record.md).
 */
export interface SparseVector {
  readonly indices: Uint32Array<ArrayBuffer>;
  readonly values: Float32Array<ArrayBuffer>;
}

/** What is wrong with a sparse vector; null when it is in its form. */
export function sparseFault({ indices, values }: SparseVector): string | null {
  const { length } = indices;
  if (length !== values.length) return 'must have as many values as indices';
  if (length === 0 || length > sparseValuesMax) return `must have 1 to ${sparseValuesMax} values`;
  for (let at = 0; at < length; at += 1) {
    if (at > 0 && indices[at - 1]! >= indices[at]!) return 'must have indices that ascend, none of them twice';
    if (!Number.isFinite(values[at]) || values[at] === 0) return 'must have finite values that are not 0';
  }
  return null;
}

export const sparseVector = z
  .strictObject({ indices: z.instanceof(Uint32Array), values: z.instanceof(Float32Array) })
  .superRefine((value, context) => {
    const message = sparseFault(value);
    if (message !== null) context.addIssue({ code: 'custom', message });
  });

/** A sparse vector in a body, its indices in any order. Values are 32-bit floats. */
export const sparseInput = z
  .strictObject({
    indices: z.array(z.number().int().min(0).max(0xffffffff)).max(sparseValuesMax),
    values: z.array(z.number()).max(sparseValuesMax),
  })
  .refine(({ indices, values }) => indices.length === values.length, 'must have as many values as indices')
  .refine(({ indices }) => new Set(indices).size === indices.length, 'has an index twice')
  .refine(({ values }) => values.every((value) => Number.isFinite(Math.fround(value))), 'has a value that is no 32-bit float');
export type SparseInput = z.infer<typeof sparseInput>;

/** The form that is stored: indices ascend, and zeros are dropped, because they add nothing. Null when none is left. */
export function toSparse({ indices, values }: SparseInput): SparseVector | null {
  const pairs = indices
    .map((index, at) => ({ index, value: Math.fround(values[at]!) }))
    .filter(({ value }) => value !== 0)
    .sort((a, b) => a.index - b.index);
  if (pairs.length === 0) return null;
  return {
    indices: Uint32Array.from(pairs, ({ index }) => index),
    values: Float32Array.from(pairs, ({ value }) => value),
  };
}

const PAIR_BYTES = 8;
/** A sparse vector as text: pairs of little-endian index and float32 value, as base64url. */
export const sparseText = base64url.min(11).max(Math.ceil((sparseValuesMax * PAIR_BYTES * 4) / 3));
