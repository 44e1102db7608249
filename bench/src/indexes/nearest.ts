/** Vectors by number, from 0, computed when they are needed. */
interface Vectors {
  readonly count: number;
  vectorOf(number: number): Float32Array;
  /** Without it, all are compared. */
  readonly isAllowed?: (number: number) => boolean;
}

/** Numbers of the `k` vectors with the largest inner product with each query, by comparing all. */
export function nearestOf(queries: readonly Float32Array[], k: number, { count, vectorOf, isAllowed }: Vectors): Set<number>[] {
  const best = queries.map((): { number: number; score: number }[] => []);
  for (let number = 0; number < count; number += 1) {
    if (isAllowed?.(number) === false) continue;
    const vector = vectorOf(number);
    for (const [at, query] of queries.entries()) {
      let score = 0;
      for (let place = 0; place < query.length; place += 1) score += query[place]! * vector[place]!;
      const list = best[at]!;
      if (list.length >= k && score <= list[k - 1]!.score) continue;
      list.push({ number, score });
      list.sort((a, b) => b.score - a.score).splice(k);
    }
  }
  return best.map((list) => new Set(list.map(({ number }) => number)));
}
