import type { Metric } from '@tributary/schemas';
import { describe, expect, it } from 'vitest';
import { countBits, createBitmap, setBit, type Bitmap } from '../slots/bitmap.ts';
import { createTopK, type TopK } from '../slots/top-k.ts';
import type { Asked, VectorIndex } from './types.ts';

/** Numbers from 0 to 1 by a linear congruential generator (Numerical Recipes, `ranqd1`), the same in each run. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 4_294_967_296;
}

/** Vectors around `centres` points, like embeddings of texts on some topics. */
export function clustered(random: () => number, count: number, dimension: number, centres: number): Float32Array[] {
  const normal = (): number => Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());
  const points = Array.from({ length: centres }, () => Array.from({ length: dimension }, normal));
  return Array.from({ length: count }, () => {
    const centre = points[Math.floor(random() * centres)]!;
    return Float32Array.from(centre, (component) => component + 0.9 * normal());
  });
}

export function slotsOf(top: TopK): number[] {
  return [...top.slots.subarray(0, top.length)];
}

/** What the index has to ask before it compares. */
export async function askFor(
  index: VectorIndex,
  query: Float32Array,
  count: number,
  slots: Bitmap | null = null,
): Promise<Asked | null> {
  const walk = { count, candidates: Math.max(2 * count, 24), width: 64 };
  const within = { slots, count: slots === null ? index.size() : countBits(slots), namespace: null, records: index.size() };
  return index.ask(query, walk, () => within);
}

/** Share of the exact `count` nearest slots that `index` finds. */
export function recall(index: VectorIndex, oracle: VectorIndex, queries: readonly Float32Array[], count: number): number {
  const top = createTopK();
  let hits = 0;
  for (const query of queries) {
    oracle.nearest(query, count, null, top);
    const wanted = new Set(slotsOf(top));
    index.nearest(query, count, null, top);
    hits += slotsOf(top).filter((slot) => wanted.has(slot)).length;
  }
  return hits / (queries.length * count);
}

/**
 * The contract of every vector index. `settle` is called between writing and searching, once with and once without
 * effect.
 */
export function vectorIndexSuite(
  name: string,
  create: (dimension: number, metric: Metric) => VectorIndex,
  settle: (index: VectorIndex) => void | Promise<void>,
): void {
  describe(name, () => {
    const nearest = async (
      index: VectorIndex,
      query: number[],
      count: number,
      allowed?: number[],
    ): Promise<[number, number][]> => {
      const top = createTopK();
      const bits = createBitmap(64);
      for (const slot of allowed ?? []) setBit(bits, slot);
      const slots = allowed === undefined ? null : bits;
      const asked = await askFor(index, Float32Array.from(query), count, slots);
      index.nearest(Float32Array.from(query), count, slots, top, asked);
      return slotsOf(top).map((slot, at) => [slot, top.keys[at]!]);
    };

    it('orders by squared distance, negated', async () => {
      const index = create(2, 'euclidean');
      index.put(3, Float32Array.of(3, 0));
      index.put(1, Float32Array.of(1, 0));
      index.put(2, Float32Array.of(0, 2));
      await settle(index);
      expect(await nearest(index, [0, 0], 2)).toEqual([
        [1, -1],
        [2, -4],
      ]);
    });

    it('orders by cosine whatever the lengths, and by dot product with them', async () => {
      for (const [metric, wanted] of [
        ['cosine', [1, 0, 2]],
        ['dotproduct', [0, 1, 2]],
      ] as const) {
        const index = create(2, metric);
        index.put(0, Float32Array.of(10, 10));
        index.put(1, Float32Array.of(1, 0));
        index.put(2, Float32Array.of(-1, 1));
        await settle(index);
        expect((await nearest(index, [2, 0], 3)).map(([slot]) => slot)).toEqual(wanted);
      }
    });

    it('breaks ties by slot, also at the end of the list', async () => {
      const index = create(3, 'cosine');
      for (const slot of [9, 4, 7, 1, 30]) index.put(slot, Float32Array.of(slot, slot, 0));
      await settle(index);
      const equal = await nearest(index, [1, 1, 0], 5);
      // Equal except for the last bit: lengths differ, and so may the rounding of the quotient.
      expect(equal.map(([slot]) => slot).toSorted((a, b) => a - b)).toEqual([1, 4, 7, 9, 30]);
      const same = create(3, 'euclidean');
      for (const slot of [9, 4, 7, 1, 30]) same.put(slot, Float32Array.of(1, 1, 0));
      await settle(same);
      expect((await nearest(same, [0, 0, 0], 3)).map(([slot]) => slot)).toEqual([1, 4, 7]);
    });

    it('forgets what was removed and finds what replaced it', async () => {
      const index = create(2, 'euclidean');
      for (let slot = 0; slot < 20; slot += 1) index.put(slot, Float32Array.of(slot, 0));
      await settle(index);
      index.remove(0);
      index.remove(0);
      index.remove(63);
      index.put(1, Float32Array.of(100, 0));
      await settle(index);
      expect(index.size()).toBe(19);
      expect((await nearest(index, [0, 0], 2)).map(([slot]) => slot)).toEqual([2, 3]);
      expect(await nearest(index, [100, 0], 1)).toEqual([[1, -0]]);
      index.put(0, Float32Array.of(0, 0));
      expect(await nearest(index, [0, 0], 1)).toEqual([[0, -0]]);
    });

    it('returns allowed slots only, and none that hold nothing', async () => {
      const index = create(2, 'euclidean');
      for (let slot = 0; slot < 20; slot += 1) index.put(slot, Float32Array.of(slot, 0));
      await settle(index);
      expect((await nearest(index, [0, 0], 3, [5, 50, 11])).map(([slot]) => slot)).toEqual([5, 11]);
      expect(await nearest(index, [0, 0], 3, [])).toEqual([]);
    });

    it('survives components whose products no float32 holds', async () => {
      for (const metric of ['cosine', 'dotproduct', 'euclidean'] as const) {
        const index = create(2, metric);
        [3e38, 2e38, -3e38, 1, -1, 1e-40].forEach((component, slot) => index.put(slot, Float32Array.of(component, 1)));
        await settle(index);
        const found = (await nearest(index, [3e38, -1], 6)).map(([slot]) => slot);
        expect(new Set(found)).toEqual(new Set([0, 1, 2, 3, 4, 5]));
        expect(found[0]).toBe(0);
        expect(found[5]).toBe(2);
      }
    });

    it('answers when empty, and refuses what does not fit', async () => {
      const index = create(2, 'cosine');
      expect(await nearest(index, [1, 0], 3)).toEqual([]);
      expect(() => index.put(0, Float32Array.of(1))).toThrow(expect.objectContaining({ code: 'VECTOR_DIMENSION' }));
      expect(() => index.put(0, Float32Array.of(Number.NaN, 1))).toThrow(expect.objectContaining({ code: 'VECTOR_NOT_FINITE' }));
      expect(() => index.put(0, Float32Array.of(0, 0))).toThrow(expect.objectContaining({ code: 'VECTOR_ZERO' }));
      expect(() => index.put(2 ** 24, Float32Array.of(1, 0))).toThrow(expect.objectContaining({ code: 'WRITE_TOO_LARGE' }));
      await expect(nearest(index, [0, 0], 1)).rejects.toThrow(expect.objectContaining({ code: 'VECTOR_ZERO' }));
      expect(index.size()).toBe(0);
    });
  });
}
