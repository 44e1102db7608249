/** Numbers from 0 to 1 by the xorshift of Marsaglia (2003), the same in each run. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4_294_967_296;
  };
}

/**
 * Unit vectors around random centres, like embeddings of texts on some topics. `spread` is the length of the noise
 * relative to the centre's.
 */
export function clusteredVectors(
  random: () => number,
  sizes: { count: number; dimension: number; clusters: number; spread?: number },
): Float32Array<ArrayBuffer>[] {
  const { count, dimension, clusters, spread = 0.9 } = sizes;
  const normal = (): number => Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());
  const centres = Array.from({ length: clusters }, () => Array.from({ length: dimension }, normal));
  return Array.from({ length: count }, () => {
    const centre = centres[Math.floor(random() * clusters)]!;
    return toUnit(Float32Array.from(centre, (component) => component + spread * normal()));
  });
}

function toUnit(vector: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  let squares = 0;
  for (const component of vector) squares += component * component;
  const scale = 1 / Math.sqrt(squares);
  return vector.map((component) => component * scale);
}

/** Ids of the `count` vectors with the largest inner product, by a full scan. */
export function exactNearest(
  vectors: readonly Float32Array[],
  query: Float32Array,
  count: number,
  isAllowed: (id: number) => boolean,
): number[] {
  const found: { id: number; score: number }[] = [];
  for (let id = 0; id < vectors.length; id += 1) {
    if (!isAllowed(id)) continue;
    const vector = vectors[id]!;
    let score = 0;
    for (let at = 0; at < query.length; at += 1) score += query[at]! * vector[at]!;
    found.push({ id, score });
  }
  return found
    .toSorted((a, b) => b.score - a.score)
    .slice(0, count)
    .map(({ id }) => id);
}
