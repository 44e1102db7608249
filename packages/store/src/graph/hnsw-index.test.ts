import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Metric } from '@tributary/schemas';
import fc from 'fast-check';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { createBitmap, setBit } from '../slots/bitmap.ts';
import { createHnswIndex, type HnswIndex } from './hnsw-index.ts';
import { createTopK } from '../slots/top-k.ts';
import { readGraph } from './state-file.ts';
import type { VectorIndex } from '../vectors/types.ts';
import { clustered, recall, seeded, slotsOf, vectorIndexSuite } from '../vectors/vector-index.suite.ts';
import { createVectorStore } from '../vectors/vector-store.ts';

// Slow on a busy machine, where much is built and compared.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const OPTIONS = { M: 16, efConstruction: 100, efSearch: 64, scanned: 0 };
const folder = mkdtempSync(join(tmpdir(), 'graph-'));
afterAll(() => rmSync(folder, { recursive: true }));

// With a clock that moves by one millisecond per reading, a slice is a number of vectors.
function create(dimension: number, metric: Metric): HnswIndex {
  let ticks = 0;
  return createHnswIndex(createVectorStore(dimension, metric), OPTIONS, () => ticks++);
}

const settle = (index: VectorIndex): void => void (index as HnswIndex).insertSlice(1e9);
const load = async (index: HnswIndex, path: string, dimension = 32): Promise<boolean> =>
  index.takeGraph(await readGraph(path, { dimension, metric: 'cosine' }, OPTIONS));
/** Until there is no work left. */
function rest(index: HnswIndex): void {
  while (index.insertSlice(1e9) > 0);
}

vectorIndexSuite('graph, all vectors added', create, settle);
vectorIndexSuite('graph, all vectors waiting', create, () => undefined);

function fill(index: VectorIndex, vectors: readonly Float32Array[]): void {
  vectors.forEach((vector, slot) => index.put(slot, vector));
}

describe('graph index', () => {
  const random = seeded(7);
  const vectors = clustered(random, 3_000, 32, 40);
  const queries = clustered(random, 50, 32, 40);

  it('adds vectors in slices and finds those that wait', () => {
    const index = create(32, 'cosine');
    fill(index, vectors.slice(0, 100));
    expect(index.insertSlice(10)).toBe(90);
    expect(index.insertSlice(0)).toBe(89);
    expect(recall(index, index.exact, queries, 10)).toBeGreaterThanOrEqual(0.99);
    expect(index.insertSlice(1e9)).toBe(0);
  });

  it.each<Metric>(['cosine', 'dotproduct', 'euclidean'])('agrees with the exact index by %s', (metric) => {
    const index = create(32, metric);
    fill(index, vectors);
    settle(index);
    expect(recall(index, index.exact, queries, 10)).toBeGreaterThanOrEqual(0.95);
  });

  it('keeps its recall through replacement, removal and a repair during writes', () => {
    const index = create(32, 'euclidean');
    fill(index, vectors);
    settle(index);
    expect(index.needsRepair()).toBe(false);
    for (let slot = 0; slot < 1_500; slot += 1) {
      if (slot % 3 === 0) index.remove(slot);
      else index.put(slot, vectors[2_999 - slot]!);
    }
    settle(index);
    expect(index.needsRepair()).toBe(true);
    expect(recall(index, index.exact, queries, 10)).toBeGreaterThanOrEqual(0.95);
    const before = index.memoryBytes();
    index.startRepair();
    expect(index.needsRepair()).toBe(false);
    expect(index.insertSlice(20)).toBe(1);
    for (let slot = 1_000; slot < 1_100; slot += 1) index.remove(slot);
    for (let slot = 3_000; slot < 3_100; slot += 1) index.put(slot, vectors[slot - 3_000]!);
    expect(recall(index, index.exact, queries, 10)).toBeGreaterThanOrEqual(0.95);
    rest(index);
    expect(recall(index, index.exact, queries, 10)).toBeGreaterThanOrEqual(0.95);
    // What the removed vectors had is used again.
    for (let slot = 4_000; slot < 4_400; slot += 1) index.put(slot, vectors[slot - 3_500]!);
    settle(index);
    expect(index.memoryBytes()).toBeLessThanOrEqual(before * 1.05);
    expect(recall(index, index.exact, queries, 10)).toBeGreaterThanOrEqual(0.95);
  });

  it('finds the last of many vectors of a slot', () => {
    const index = create(4, 'euclidean');
    for (let slot = 0; slot < 30; slot += 1) index.put(slot, Float32Array.of(slot, 0, 0, 0));
    settle(index);
    for (let round = 0; round < 600; round += 1) {
      index.put(5, Float32Array.of(100 + round, 0, 0, 0));
      settle(index);
    }
    const top = createTopK();
    index.nearest(Float32Array.of(699, 0, 0, 0), 2, null, top);
    expect(slotsOf(top)).toEqual([5, 29]);
    expect(top.keys[0]).toBe(-0);
  });

  it('loads a saved graph; what changed since then waits', async () => {
    const path = join(folder, 'saved');
    const index = create(32, 'cosine');
    fill(index, vectors);
    index.remove(17);
    settle(index);
    index.remove(18);
    index.put(19, vectors[0]!);
    index.put(5_000, vectors[1]!);
    const saved = index.saveGraph(path);
    await expect(index.saveGraph(path)).rejects.toMatchObject({ code: 'STORE_BUSY' });
    index.remove(20);
    index.put(21, vectors[2]!);
    expect(index.insertSlice(1e9)).toBe(3);
    expect(recall(index, index.exact, queries, 10)).toBeGreaterThanOrEqual(0.95);
    expect(await saved).toBe(2_997);
    expect(index.insertSlice(1e9)).toBe(0);
    expect(recall(index, index.exact, queries, 10)).toBeGreaterThanOrEqual(0.95);

    const other = create(32, 'cosine');
    vectors.forEach((vector, slot) => slot !== 17 && slot !== 20 && other.put(slot, vector));
    expect(await load(other, path)).toBe(true);
    // Slot 18 was removed and slot 19 replaced before the graph was saved.
    expect(other.insertSlice(0)).toBe(1);
    settle(other);
    expect(recall(other, other.exact, queries, 10)).toBeGreaterThanOrEqual(0.95);
    other.put(22, vectors[0]!);
    settle(other);
    // The new vector of slot 22 equals that of slot 0 and shares its node.
    expect(await other.saveGraph(path)).toBe(2_997);
  });

  it('finds vectors near many copies, and all slots of a copy', () => {
    const index = create(32, 'cosine');
    vectors.forEach((vector, slot) => index.put(slot, slot < 1_500 ? vectors[slot % 3]! : vector));
    settle(index);
    expect(recall(index, index.exact, queries, 10)).toBeGreaterThanOrEqual(0.95);
    const top = createTopK();
    const find = (count: number, allowed: number[] | null): number[] => {
      const bits = createBitmap(3_000);
      for (const slot of allowed ?? []) setBit(bits, slot);
      index.nearest(vectors[1]!, count, allowed === null ? null : bits, top);
      return slotsOf(top);
    };
    expect(find(3, null)).toEqual([1, 4, 7]);
    expect(find(5, [4, 7, 1_000])).toEqual([4, 7, 1_000]);
    // Whichever slot owns the node, the others are found when it is removed.
    for (let slot = 1; slot < 1_498; slot += 3) {
      index.remove(slot);
      if (slot % 100 === 0) index.insertSlice(5);
    }
    expect(find(1, null)).toEqual([1_498]);
    settle(index);
    expect(find(1, null)).toEqual([1_498]);
    expect(recall(index, index.exact, queries, 10)).toBeGreaterThanOrEqual(0.95);
  });

  it('agrees with the exact index after any writes, slices and repairs', () => {
    // Few components make copies. The seed is fixed, because a graph guarantees its results for no particular input.
    const component = fc.integer({ min: -2, max: 2 });
    const vector = fc.tuple(component, component, fc.constant(1)).map((list) => Float32Array.from(list));
    const slot = fc.nat(40);
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ kind: fc.constant('put' as const), slot, vector }) },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('remove' as const), slot }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('advance' as const), count: fc.nat(20) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('repair' as const) }) },
    );
    const metric = fc.constantFrom<Metric>('cosine', 'dotproduct', 'euclidean');
    const allowed = fc.option(fc.uniqueArray(slot, { maxLength: 20 }));
    fc.assert(
      fc.property(metric, fc.array(step, { maxLength: 80 }), vector, fc.nat(12), allowed, (kind, steps, query, count, slots) => {
        const index = create(3, kind);
        for (const each of steps) {
          if (each.kind === 'put') index.put(each.slot, each.vector);
          else if (each.kind === 'remove') index.remove(each.slot);
          else if (each.kind === 'advance') index.insertSlice(each.count);
          else index.startRepair();
        }
        const bits = createBitmap(64);
        for (const each of slots ?? []) setBit(bits, each);
        const [found, wanted] = [createTopK(), createTopK()];
        index.nearest(query, count, slots && bits, found);
        index.exact.nearest(query, count, slots && bits, wanted);
        expect(slotsOf(found)).toEqual(slotsOf(wanted));
        expect(found.keys.subarray(0, found.length)).toEqual(wanted.keys.subarray(0, wanted.length));
      }),
      { seed: 20, numRuns: 300 },
    );
  });

  it('finds what a filter matches far from the query', () => {
    const index = create(32, 'cosine');
    fill(index, vectors);
    settle(index);
    const [all, found, wanted] = [createTopK(), createTopK(), createTopK()];
    for (const query of queries.slice(0, 10)) {
      index.exact.nearest(query, 3_000, null, all);
      for (const count of [1, 600, 2_900]) {
        const far = createBitmap(3_000);
        for (const slot of slotsOf(all).slice(-count)) setBit(far, slot);
        index.nearest(query, 10, far, found);
        index.exact.nearest(query, 10, far, wanted);
        expect(found.length).toBe(wanted.length);
        expect(slotsOf(found).filter((slot) => slotsOf(wanted).includes(slot)).length).toBeGreaterThanOrEqual(Math.min(9, count));
      }
    }
  });

  it('leaves the graph as it is when a slot gets the vector it has', () => {
    const index = create(32, 'cosine');
    fill(index, vectors.slice(0, 50));
    settle(index);
    fill(index, vectors.slice(0, 50));
    expect(index.insertSlice(0)).toBe(0);
    index.put(0, vectors[50]!);
    expect(index.insertSlice(-1)).toBe(0);
  });

  it('refuses files that are not a graph of this index', async () => {
    const path = join(folder, 'other');
    const index = create(8, 'cosine');
    fill(index, clustered(random, 50, 8, 3));
    settle(index);
    await index.saveGraph(path);
    const wide = create(16, 'cosine');
    fill(wide, clustered(random, 50, 16, 3));
    expect(await load(wide, path, 16)).toBe(false);
    truncateSync(path, readFileSync(path).length - 10);
    expect(await load(index, path, 8)).toBe(false);
    writeFileSync(path, 'short');
    expect(await load(index, path, 8)).toBe(false);
    expect(await load(index, join(folder, 'missing'), 8)).toBe(false);
    await expect(index.saveGraph(join(folder, 'missing', 'graph'))).rejects.toMatchObject({ code: 'DISK_WRITE' });
    expect(recall(index, index.exact, clustered(random, 20, 8, 3), 5)).toBeGreaterThanOrEqual(0.99);
  });
});
