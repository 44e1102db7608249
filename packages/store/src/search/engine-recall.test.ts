import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseFilter, queryTerms } from '@tributary/proof/ranking';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { clustered, seeded } from '../vectors/vector-index.suite.ts';
import type { EngineQuery } from './types.ts';
import { readStoredGraph } from '../graph/stored-graph.ts';
import { graphDefaults, createEngine, type SearchEngine } from './engine.ts';
import { QUERY, record } from './engine.suite.ts';

// Slow on a busy machine, where much is built and compared.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** Share of the exact results that the graph finds. */
function recall(engine: SearchEngine, queries: readonly EngineQuery[]): number {
  let found = 0;
  let wanted = 0;
  for (const query of queries) {
    const exact = new Set(engine.search({ ...query, exact: true }).map(({ slot }) => slot));
    found += engine.search(query).filter(({ slot }) => exact.has(slot)).length;
    wanted += exact.size;
  }
  return wanted === 0 ? 1 : found / wanted;
}

describe('search through the graph', () => {
  const COUNT = 6_000;
  const WORDS = ['river', 'sea', 'lake', 'delta', 'spring', 'pond', 'brook', 'canal'];
  const random = seeded(3);
  const vectors = clustered(random, COUNT + 40, 24, 60);
  const engine = createEngine({ dimension: 24, metric: 'cosine' });
  const queries = vectors.slice(COUNT).map((vector) => ({ ...QUERY, vector }));
  const words = (): string => Array.from({ length: 6 }, () => WORDS[Math.floor(random() ** 2 * WORDS.length)]!).join(' ');

  beforeAll(() => {
    for (let slot = 0; slot < COUNT; slot += 1) {
      const metadata = { rank: slot, part: slot % 100 };
      // Namespace b holds one record in a hundred, and one in ten is not for sale.
      const place = { namespace: slot % 100 === 1 ? 'b' : '', sell: slot % 10 === 0 ? ('never' as const) : ('full' as const) };
      engine.put(record(slot, { vector: vectors[slot]!, searchText: words(), metadata, ...place }));
    }
    expect(engine.insertSlice(1e9)).toBe(0);
  });

  it.each([
    ['no record', { part: 100 }, 0, 1],
    ['one record', { rank: 77 }, 1, 1],
    ['0.1 %', { rank: { $lt: 6 } }, 5, 1],
    ['1 %', { part: 7 }, COUNT / 100, 1],
    ['10 %', { part: { $in: [2, 3, 4, 5, 6, 7, 8, 9, 10, 11] } }, COUNT / 10, 1],
    ['half', { rank: { $lt: COUNT / 2 } }, COUNT / 2 - COUNT / 200, 0.97],
    ['all', { rank: { $exists: true } }, COUNT - COUNT / 100, 0.97],
  ])('finds what a filter of %s matches', (_, filter, matches, least) => {
    const filterNode = parseFilter(filter);
    expect(engine.matching('', filterNode).length).toBe(matches);
    expect(
      recall(
        engine,
        queries.map((query) => ({ ...query, filterNode })),
      ),
    ).toBeGreaterThanOrEqual(least);
    const results = engine.search({ ...queries[0]!, filterNode, topK: 50 });
    expect(results.length).toBe(Math.min(50, matches));
    const passing = new Set(engine.matching('', filterNode));
    expect(results.every(({ slot }) => passing.has(slot))).toBe(true);
  });

  it('finds nearly all without a filter, for clients, in a small namespace and in hybrid mode', () => {
    expect(recall(engine, queries)).toBeGreaterThanOrEqual(0.97);
    expect(
      recall(
        engine,
        queries.map((query) => ({ ...query, excludeUnsold: true })),
      ),
    ).toBeGreaterThanOrEqual(0.97);
    expect(
      recall(
        engine,
        queries.map((query) => ({ ...query, namespace: 'b' })),
      ),
    ).toBe(1);
    const hybrid = queries.map((query) => ({
      ...query,
      mode: 'hybrid' as const,
      terms: queryTerms('delta canal'),
      denseWeight: 0.6,
    }));
    expect(recall(engine, hybrid)).toBeGreaterThanOrEqual(0.8);
    expect(engine.search({ ...hybrid[0]!, excludeUnsold: true }).every(({ slot }) => slot % 10 !== 0)).toBe(true);
  });

  it('answers from a saved graph as from the one that was saved', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'engine-'));
    try {
      const slots = await engine.saveGraph(join(folder, 'graph'));
      expect(slots).toBe(COUNT);
      const again = createEngine({ dimension: 24, metric: 'cosine' });
      for (let slot = 0; slot < COUNT; slot += 1) again.put(record(slot, { vector: vectors[slot]! }));
      const vectorKind = { dimension: 24, metric: 'cosine' } as const;
      expect(again.takeGraph(await readStoredGraph(folder, vectorKind, graphDefaults(24)))).toBe(true);
      expect(again.insertSlice(0)).toBe(0);
      expect(recall(again, queries)).toBeGreaterThanOrEqual(0.97);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

const MNIST = join(import.meta.dirname, '../../../../../shared/data/ann-mnist');
const hasMnist = existsSync(join(MNIST, 'base.bvecs'));

describe.skipIf(!hasMnist)(`MNIST images${hasMnist ? '' : ' (skipped: ../shared/data/ann-mnist is not there)'}`, () => {
  /** Rows of a .bvecs or .ivecs file: a little-endian int32 count, then that many bytes or int32. */
  const rows = (name: string, width: 1 | 4): number[][] => {
    const file = readFileSync(join(MNIST, name));
    const length = file.readInt32LE(0);
    const size = 4 + length * width;
    return Array.from({ length: file.length / size }, (_, row) =>
      Array.from({ length }, (__, at) => {
        const from = row * size + 4 + at * width;
        return width === 1 ? file.readUInt8(from) : file.readInt32LE(from);
      }),
    );
  };

  it('finds the true neighbours, exactly and at the default search width', { timeout: 120_000 }, () => {
    const engine = createEngine({ dimension: 784, metric: 'euclidean', hnsw: { ...graphDefaults(784), efConstruction: 60 } });
    rows('base.bvecs', 1).forEach((vector, slot) => engine.put(record(slot, { vector: Float32Array.from(vector) })));
    engine.insertSlice(1e9);
    const queries = rows('query.bvecs', 1).map((vector) => ({ ...QUERY, vector: Float32Array.from(vector) }));
    const distances = rows('groundtruth-sqdist.ivecs', 4);
    queries.slice(0, 30).forEach((query, at) => {
      expect(engine.search({ ...query, exact: true }).map(({ score }) => score)).toEqual(distances[at]!.slice(0, 10));
    });
    expect(recall(engine, queries.slice(0, 100))).toBeGreaterThanOrEqual(0.99);
  });
});
