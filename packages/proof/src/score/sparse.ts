import type { SparseVector } from '@tributary/schemas';
import { CAP, SUM_TOLERANCE } from './tolerance.ts';

/** Dot product of two sparse vectors, and how much another implementation's sum may differ from it. */
export interface SparseMeasure {
  readonly sparse: number;
  readonly tolerance: number;
  /** Indices that both vectors have. */
  readonly shared: number;
}

/**
 * Dot product in float64 over the indices that both vectors have, summed in ascending order of index, so that every
 * machine gets the same bits (docs/spec/query.md).
 *
 * @param record null: a record without a sparse vector
 */
export function measureSparse(query: SparseVector, record: SparseVector | null): SparseMeasure {
  let [sparse, magnitude, shared] = [0, 0, 0];
  const { length } = query.indices;
  const others = record === null ? 0 : record.indices.length;
  for (let at = 0, other = 0; at < length && other < others;) {
    const [index, otherIndex] = [query.indices[at]!, record!.indices[other]!];
    if (index === otherIndex) {
      const product = query.values[at]! * record!.values[other]!;
      sparse += product;
      magnitude += Math.abs(product);
      shared += 1;
    }
    if (index <= otherIndex) at += 1;
    if (otherIndex <= index) other += 1;
  }
  return { sparse, tolerance: Math.min(SUM_TOLERANCE * magnitude, CAP * (1 + Math.abs(sparse))), shared };
}
