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
  /** A question near two of the vectors, another one for each number. */
  freshQuery(number: number): Float32Array<ArrayBuffer>;
}

export function makeData({ vectors, dimension, clusters, queries }: DataSizes): Data {
  const all = clusteredVectors(seeded(23), { count: vectors + queries, dimension, clusters });
  const near = all.slice(0, vectors);
  return { vectors: near, queries: all.slice(vectors), textOf, freshQuery: (number) => between(near, number) };
}

/** Steps through the vectors that repeat only after all of them, whatever their number. */
const [STEP, OTHER_STEP] = [7_919, 104_729];

/** The first vector, moved towards the second. Numbers after all pairs of steps move it another way. */
function between(vectors: readonly Float32Array[], number: number): Float32Array<ArrayBuffer> {
  const first = vectors[(number * STEP) % vectors.length]!;
  const other = vectors[(number * OTHER_STEP + Math.floor(number / vectors.length)) % vectors.length]!;
  const mixed = Float32Array.from(first, (component, at) => component + 0.4 * other[at]!);
  const scale = 1 / Math.sqrt(mixed.reduce((sum, component) => sum + component * component, 0));
  return mixed.map((component) => component * scale);
}

function textOf(id: number): string {
  const random = seeded(id + 1);
  return `${id}: ${Array.from({ length: TEXT_WORDS }, () => WORDS[Math.floor(random() * WORDS.length)]!).join(' ')}.`;
}
