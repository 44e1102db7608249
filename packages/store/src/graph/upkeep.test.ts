import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { clustered, recall, seeded } from '../vectors/vector-index.suite.ts';
import { createVectorStore } from '../vectors/vector-store.ts';
import { createHnswIndex, type HnswIndex } from './hnsw-index.ts';

// Slow on a busy machine, where much is built and compared.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const folder = mkdtempSync(join(tmpdir(), 'graph-upkeep-'));
afterAll(() => rmSync(folder, { recursive: true }));

// With a clock that moves by one millisecond per reading, a slice is a number of steps.
function create(scanned = 0): HnswIndex {
  let ticks = 0;
  const options = { M: 16, efConstruction: 100, efSearch: 64, scanned };
  return createHnswIndex(createVectorStore(32, 'cosine'), options, () => ticks++);
}

function fill(index: HnswIndex, vectors: readonly Float32Array[]): void {
  vectors.forEach((vector, slot) => index.put(slot, vector));
}

/** Until there is no work left. */
function rest(index: HnswIndex): void {
  while (index.insertSlice(1e9) > 0);
}

/** Bytes of its file, which are those of its memory. */
async function savedBytes(index: HnswIndex): Promise<number> {
  const path = join(folder, 'size');
  await index.saveGraph(path);
  return statSync(path).size;
}

describe('a graph that changes', () => {
  const random = seeded(7);
  const vectors = clustered(random, 3_000, 32, 40);
  const queries = clustered(random, 50, 32, 40);

  it('grows by a fifth at most, and keeps its recall, however often all vectors are replaced', async () => {
    const index = create();
    fill(index, vectors);
    rest(index);
    const before = await savedBytes(index);
    for (let round = 1; round <= 4; round += 1) {
      const others = clustered(seeded(round), 3_000, 32, 40);
      for (let from = 0; from < 3_000; from += 500) {
        for (let slot = from; slot < from + 500; slot += 1) index.put(slot, others[slot]!);
        index.insertSlice(100);
        if (index.needsRepair()) index.startRepair();
      }
      rest(index);
      if (index.needsRepair()) index.startRepair();
      rest(index);
    }
    expect(await savedBytes(index)).toBeLessThanOrEqual(1.2 * before);
    expect(recall(index, index.exact, queries, 10)).toBeGreaterThanOrEqual(0.95);
  });

  it('is copied without free nodes while vectors come and go', async () => {
    const index = create();
    fill(index, vectors);
    // Copies of one vector share a node.
    for (let slot = 2_500; slot < 2_600; slot += 1) index.put(slot, vectors[2_400]!);
    rest(index);
    for (let slot = 0; slot < 1_500; slot += 1) index.remove(slot);
    index.startRepair();
    for (let left = 1; left > 0 && index.needsRepair();) left = index.insertSlice(0);
    const before = await savedBytes(index);
    for (let step = 0; step < 400; step += 1) {
      index.insertSlice(0);
      if (step % 3 === 0) index.put(3_000 + step, vectors[step]!);
      if (step % 5 === 0) index.put(3_000 + step - 5, vectors[step + 1]!);
      if (step % 7 === 0) index.remove(1_500 + step);
      if (step % 11 === 0) index.remove(2_500 + (step % 100));
      if (step % 100 === 0) expect(recall(index, index.exact, queries, 10)).toBeGreaterThanOrEqual(0.95);
    }
    rest(index);
    expect(await savedBytes(index)).toBeLessThan(0.75 * before);
    expect(recall(index, index.exact, queries, 10)).toBeGreaterThanOrEqual(0.95);
  });

  it('is built of more vectors than are compared one by one, and goes when half of them are left', async () => {
    const path = join(folder, 'small');
    const index = create(1_000);
    fill(index, vectors.slice(0, 1_000));
    expect([index.waiting(), index.insertSlice(1e9), index.unsaved()]).toEqual([0, 0, 0]);
    expect(recall(index, index.exact, queries, 10)).toBe(1);
    expect(await index.saveGraph(path)).toBe(0);
    expect(existsSync(path)).toBe(false);
    index.put(1_000, vectors[1_000]!);
    expect(index.waiting()).toBe(1_001);
    rest(index);
    expect([index.waiting(), index.unsaved()]).toEqual([0, 1_001]);
    expect(await index.saveGraph(path)).toBe(1_001);
    for (let slot = 0; slot < 500; slot += 1) index.remove(slot);
    rest(index);
    expect(index.unsaved()).toBe(0);
    index.remove(500);
    rest(index);
    expect(index.unsaved()).toBe(1);
    expect(recall(index, index.exact, queries, 10)).toBe(1);
    expect(await index.saveGraph(path)).toBe(0);
    expect(existsSync(path)).toBe(false);
    expect(index.waiting()).toBe(0);
  });
});
