import type { Metric } from '@tributary/schemas';

/** Beyond 2,000 components pgvector indexes halves only. */
const WHOLE_MAX = 2_000;
/** Squares of 4,000 such components fit a float32. */
const WHOLE_LIMIT = 1e17;
const HALF_LIMIT = 65_504;

/** How vectors of one index are kept in PostgreSQL. */
export interface VectorType {
  /** Type of the column. */
  readonly sql: string;
  /** Class of its index, and operator of distance. */
  readonly operators: string;
  readonly distance: string;
  /** A vector in the binary form of the type `vector`: two numbers of 16 bits, then its float32 values, big-endian. */
  encode(vector: Float32Array): Buffer;
}

const OPERATORS: Record<Metric, [name: string, distance: string]> = {
  cosine: ['cosine_ops', '<=>'],
  dotproduct: ['ip_ops', '<#>'],
  euclidean: ['l2_ops', '<->'],
};

export function vectorType(dimension: number, metric: Metric): VectorType {
  const isWhole = dimension <= WHOLE_MAX;
  const name = isWhole ? 'vector' : 'halfvec';
  const [operators, distance] = OPERATORS[metric];
  return {
    sql: `${name}(${dimension})`,
    operators: `${name}_${operators}`,
    distance,
    encode: (vector) => encodeVector(vector, metric, isWhole ? WHOLE_LIMIT : HALF_LIMIT),
  };
}

/**
 * Only the order of distances counts, because scores are computed from the vector itself. So lengths are left out for
 * the cosine, and components are cut that the type cannot compare.
 */
function encodeVector(vector: Float32Array, metric: Metric, limit: number): Buffer {
  const scale = metric === 'cosine' ? 1 / lengthOf(vector) : 1;
  const bytes = Buffer.allocUnsafe(4 + 4 * vector.length);
  bytes.writeUInt16BE(vector.length, 0);
  bytes.writeUInt16BE(0, 2);
  for (let at = 0; at < vector.length; at += 1)
    bytes.writeFloatBE(Math.min(limit, Math.max(-limit, vector[at]! * scale)), 4 + 4 * at);
  return bytes;
}

function lengthOf(vector: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < vector.length; at += 1) sum += vector[at]! * vector[at]!;
  return Math.sqrt(sum);
}
