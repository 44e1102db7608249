import { clusteredVectors, seeded } from '../vectors.ts';
import type { DataSizes } from './types.ts';

const WORDS =
  'river delta harbour survey gauge spring basin current flood meadow bridge archive ledger voucher passage record stream winter'.split(
    ' ',
  );
/** Words of a chunk: about 600 bytes, as in a chunk of prose. */
const TEXT_WORDS = 90;

export interface Data {
  readonly vectors: Float32Array<ArrayBuffer>[];
  readonly queries: Float32Array<ArrayBuffer>[];
  textOf(id: number): string;
}

export function makeData({ vectors, dimension, clusters, queries }: DataSizes): Data {
  const all = clusteredVectors(seeded(23), { count: vectors + queries, dimension, clusters });
  return { vectors: all.slice(0, vectors), queries: all.slice(vectors), textOf };
}

function textOf(id: number): string {
  const random = seeded(id + 1);
  return `${id}: ${Array.from({ length: TEXT_WORDS }, () => WORDS[Math.floor(random() * WORDS.length)]!).join(' ')}.`;
}
