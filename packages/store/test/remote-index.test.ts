// The contract of a vector index, with its graph on pgvector.
import type { Metric } from '@tributary/schemas';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { versionOf } from '../src/remote/ask-engine.ts';
import { createPgvector } from '../src/remote/pgvector/pgvector.ts';
import { createRemoteIndex } from '../src/remote/remote-index.ts';
import type { DenseIndex, RemoteEngine } from '../src/remote/types.ts';
import { createBitmap, setBit } from '../src/slots/bitmap.ts';
import { createTopK } from '../src/slots/top-k.ts';
import type { VectorIndex } from '../src/vectors/types.ts';
import { askFor, clustered, seeded, slotsOf, vectorIndexSuite } from '../src/vectors/vector-index.suite.ts';
import { createVectorStore, vectorBlock, vectorOffset, type VectorStore } from '../src/vectors/vector-store.ts';
import { hasBit } from '../src/slots/bitmap.ts';
import { openPostgres, type Postgres } from './_postgres.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let postgres: Postgres;
const engines: RemoteEngine[] = [];
const stores = new WeakMap<VectorIndex, VectorStore>();
beforeAll(async () => void (postgres = await openPostgres()));
afterAll(async () => {
  for (const engine of engines) await engine.close();
  await postgres.close();
});

function create(dimension: number, metric: Metric): DenseIndex {
  const engine = createPgvector(postgres.url, { id: `index-${engines.length}@0`, dimension, metric });
  engines.push(engine);
  const store = createVectorStore(dimension, metric);
  const index = createRemoteIndex(store, { engine, scanMax: 1_000 });
  index.remote!.state = { is: 'ready' };
  stores.set(index, store);
  return index;
}

const opened = new Set<VectorIndex>();
async function open(index: VectorIndex): Promise<void> {
  if (!opened.has(index)) await (index as DenseIndex).remote!.engine.open();
  opened.add(index);
}

/** Writes to the engine all that it lacks. */
async function settle(index: VectorIndex): Promise<void> {
  await open(index);
  const store = stores.get(index)!;
  const { engine, waiting } = (index as DenseIndex).remote!;
  while (waiting.count() > 0) {
    const changes = [...waiting.take(256)].map((slot) => {
      const from = vectorOffset(store, slot);
      const vector = hasBit(store.live, slot) ? vectorBlock(store, slot).slice(from, from + store.dimension) : null;
      return { slot, version: vector === null ? 0 : versionOf(vector), namespace: '', vector };
    });
    await engine.apply(changes, waiting.count() === changes.length ? { snapshot: 1, manifest: 'a' } : null);
    waiting.arrived();
  }
}

vectorIndexSuite('pgvector, all vectors sent', create, settle);
vectorIndexSuite('pgvector, all vectors waiting', create, open);

describe('a filter', () => {
  const COUNT = 2_000;
  const random = seeded(11);
  const vectors = clustered(random, COUNT, 24, 40);
  const queries = clustered(random, 20, 24, 40);
  let index: DenseIndex;
  beforeAll(async () => {
    index = create(24, 'cosine');
    vectors.forEach((vector, slot) => index.put(slot, vector));
    await settle(index);
  });

  it.each([2, 10, 40])('of one in %i finds what comparing all finds', async (part) => {
    const allowed = createBitmap(COUNT);
    for (let slot = 0; slot < COUNT; slot += part) setBit(allowed, slot);
    const top = createTopK();
    let found = 0;
    for (const query of queries) {
      const asked = await askFor(index, query, 10, allowed);
      expect(asked).not.toBe(null);
      index.exact.nearest(query, 10, allowed, top);
      const wanted = new Set(slotsOf(top));
      index.nearest(query, 10, allowed, top, asked);
      expect(top.length).toBe(10);
      found += slotsOf(top).filter((slot) => wanted.has(slot)).length;
    }
    expect(found / (10 * queries.length)).toBeGreaterThanOrEqual(0.97);
  });

  it('finds more with a wider walk', async () => {
    const { engine } = index.remote!;
    const found = async (width: number): Promise<number> => {
      let sum = 0;
      for (const vector of queries) {
        const rows = await engine.nearest({ vector, namespace: null, slots: null, limit: 10, width, isExact: false });
        const wanted = await engine.nearest({ vector, namespace: null, slots: null, limit: 10, width, isExact: true });
        const slots = new Set(wanted.map(({ slot }) => slot));
        sum += rows.filter(({ slot }) => slots.has(slot)).length;
      }
      return sum / (10 * queries.length);
    };
    // Connections are lent again and again, each time with the width of that walk.
    expect(await found(100_000)).toBeGreaterThanOrEqual(0.99);
    expect(await found(1)).toBeLessThan(0.95);
    expect(await found(100_000)).toBeGreaterThanOrEqual(0.99);
  });

  it('of one in ten is answered short by the defaults of pgvector, in silence', async () => {
    const [{ name }] = (await postgres.query(
      `SELECT c.relname AS name FROM pg_class c WHERE relname LIKE 'tributary\\_%' AND relkind = 'r' ORDER BY reltuples DESC, oid DESC LIMIT 1`,
    )) as [{ name: string }];
    const rows = await postgres.query(`BEGIN;
      SET LOCAL hnsw.iterative_scan = off; SET LOCAL hnsw.ef_search = 40; SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off;
      SELECT slot FROM ${name} WHERE slot % 10 = 0 ORDER BY vector <=> '[${[...queries[0]!].join(',')}]' LIMIT 10;
      COMMIT`);
    expect(rows.length).toBeLessThan(10);
  });
});
