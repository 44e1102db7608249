import { filterTest, parseFilter } from '@tributary/proof/ranking';
import { toSparse, type Metric, type QueryMode } from '@tributary/schemas';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EngineQuery } from './types.ts';
import { createEngine } from './engine.ts';
import { denseSparseScanMax } from '../limits.ts';
import type { EngineRecord } from './types.ts';
import { QUERY, naiveSearch, record, recount, termsOf } from './engine.suite.ts';

const METRICS: Metric[] = ['cosine', 'dotproduct', 'euclidean'];
const MODES: QueryMode[] = ['dense', 'bm25', 'hybrid', 'sparse', 'dense-sparse'];

describe('engine against scoring everything', () => {
  const component = fc.constantFrom(0, 1, -1, 0.5, 0.1, 3);
  const vector = fc.tuple(fc.constantFrom(1, 2), component, component).map((list) => Float32Array.from(list));
  const text = fc
    .array(fc.constantFrom('river', 'sea', 'lake', 'of', '12', '河川'), { maxLength: 8 })
    .map((words) => words.join(' '));
  const sparse = fc
    .dictionary(fc.constantFrom('0', '1', '7', '4294967295'), fc.constantFrom(1, -1, 0.5, 0.1), { minKeys: 1 })
    .map((pairs) => toSparse({ indices: Object.keys(pairs).map(Number), values: Object.values(pairs) })!);
  const namespace = fc.constantFrom('', 'a');
  const fields = fc.record({
    namespace,
    vector,
    sparse: fc.option(sparse),
    searchText: text,
    metadata: fc.record(
      { tag: fc.constantFrom('x', 'y'), year: fc.nat(4), parts: fc.subarray(['p', 'q']) },
      { requiredKeys: [] },
    ),
    sell: fc.constantFrom('full' as const, 'never' as const),
  });
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('put' as const), slot: fc.nat(30), fields }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), slot: fc.nat(30) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('insert' as const), count: fc.nat(10) }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'rebuild' as const }) },
  );
  const filter = fc.constantFrom(
    null,
    { tag: 'x' },
    { year: { $gte: 2 } },
    { parts: { $in: ['q'] } },
    { tag: { $ne: 'y' }, year: 1 },
  );
  const query = fc.record({
    mode: fc.constantFrom(...MODES),
    vector,
    sparse,
    text,
    namespace,
    topK: fc.integer({ min: 1, max: 12 }),
    filter,
    minRelevance: fc.constantFrom(0, 0, 0.2, 0.6),
    excludeUnsold: fc.boolean(),
    denseWeight: fc.constantFrom(0, 0.01, 0.6, 1),
    exact: fc.boolean(),
  });

  it.each(METRICS)(
    'gives the same results and counts after any writes, by %s',
    (metric) => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 60 }), fc.array(query, { minLength: 1, maxLength: 5 }), (steps, queries) => {
          let ticks = 0;
          const engine = createEngine({ dimension: 3, metric, now: () => ticks++ });
          const model = new Map<number, EngineRecord>();
          for (const each of steps) {
            if (each.kind === 'put') {
              engine.put({ slot: each.slot, ...each.fields });
              model.set(each.slot, { slot: each.slot, ...each.fields });
            } else if (each.kind === 'remove') {
              engine.remove(each.slot);
              model.delete(each.slot);
            } else if (each.kind === 'insert') engine.insertSlice(each.count);
            else engine.startRepair();
          }
          for (const { text: words, filter: json, ...rest } of queries) {
            const filterNode = json === null ? null : parseFilter(json);
            const asked: EngineQuery = {
              ...rest,
              terms: termsOf(words),
              filterNode,
              filter: filterNode && filterTest(filterNode),
            };
            expect(engine.search(asked)).toEqual(naiveSearch(model, metric, asked));
            expect(engine.search({ ...asked, filterNode: null })).toEqual(naiveSearch(model, metric, asked));
            const unique = [...asked.terms!.keys()];
            expect(engine.statistics(asked.namespace, unique, asked.excludeUnsold)).toEqual(
              recount(model.values(), asked.namespace, unique, asked.excludeUnsold),
            );
            const passing = [...model.values()].filter(({ metadata }) => asked.filter?.(metadata) ?? true);
            const slots = passing.map(({ slot }) => slot).toSorted((a, b) => a - b);
            expect([...engine.matching(null, filterNode)]).toEqual(slots);
            expect([...engine.matching('a', filterNode)]).toEqual(slots.filter((slot) => model.get(slot)!.namespace === 'a'));
          }
          const counts = Map.groupBy(model.values(), (each) => each.namespace);
          expect(new Set(engine.namespaces())).toEqual(new Set([...counts].map(([name, list]) => [name, list.length])));
        }),
        { numRuns: 100 },
      );
    },
    30_000,
  );
});

describe('engine', () => {
  it('orders squared distances upwards and relevance downwards', () => {
    const engine = createEngine({ dimension: 1, metric: 'euclidean' });
    for (const slot of [0, 1, 2, 3]) engine.put(record(slot, { vector: Float32Array.of(3 - slot) }));
    const hits = engine.search({ ...QUERY, vector: Float32Array.of(0), minRelevance: 0.2 });
    expect(hits).toEqual([
      { slot: 3, score: 0, dense: 0, bm25: null, relevance: 1 },
      { slot: 2, score: 1, dense: 1, bm25: null, relevance: 0.5 },
      { slot: 1, score: 4, dense: 4, bm25: null, relevance: 0.2 },
    ]);
  });

  it('keeps namespaces apart and what is not for sale from clients', () => {
    const engine = createEngine({ dimension: 2, metric: 'cosine' });
    const vector = Float32Array.of(1, 0);
    engine.put(record(0, { namespace: 'a', vector, searchText: 'river', sell: 'never' }));
    engine.put(record(1, { namespace: 'a', vector, searchText: 'river' }));
    engine.put(record(2, { namespace: 'b', vector, searchText: 'river' }));
    const sparse = { indices: Uint32Array.of(3), values: Float32Array.of(1) };
    for (const slot of [0, 1, 2])
      engine.put(
        record(slot, {
          namespace: slot < 2 ? 'a' : 'b',
          vector,
          sparse,
          searchText: 'river',
          sell: slot === 0 ? 'never' : 'full',
        }),
      );
    for (const mode of MODES) {
      const ask = { ...QUERY, mode, vector, sparse, terms: termsOf('river'), denseWeight: 0.6, namespace: 'a' };
      expect(engine.search(ask).map(({ slot }) => slot)).toEqual([0, 1]);
      expect(engine.search({ ...ask, excludeUnsold: true }).map(({ slot }) => slot)).toEqual([1]);
      expect(engine.search({ ...ask, namespace: 'none' })).toEqual([]);
    }
    expect(engine.statistics('a', ['river'], false)).toEqual({ records: 2, averageLength: 1, terms: { river: 2 } });
    expect(engine.statistics('a', ['river'], true)).toEqual({ records: 1, averageLength: 1, terms: { river: 1 } });
    engine.put(record(1, { namespace: 'b', vector, searchText: 'river' }));
    expect([...engine.namespaces()]).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
    engine.remove(0);
    expect([...engine.namespaces()]).toEqual([['b', 2]]);
  });

  it('refuses records and queries that do not fit, and changes nothing then', () => {
    const engine = createEngine({ dimension: 2, metric: 'cosine' });
    engine.put(record(0, { vector: Float32Array.of(1, 0), searchText: 'river' }));
    const zero = record(0, { vector: Float32Array.of(0, 0), searchText: 'sea' });
    expect(() => engine.put(zero)).toThrow(expect.objectContaining({ code: 'VECTOR_ZERO' }));
    expect(engine.statistics('', ['river', 'sea'], true).terms).toEqual({ river: 1, sea: 0 });
    const invalid = expect.objectContaining({ code: 'QUERY_INVALID' });
    expect(() => engine.search({ ...QUERY })).toThrow(invalid);
    expect(() => engine.search({ ...QUERY, mode: 'bm25' })).toThrow(invalid);
    expect(() => engine.search({ ...QUERY, mode: 'hybrid', vector: Float32Array.of(1, 0) })).toThrow(invalid);
    expect(() => engine.search({ ...QUERY, vector: Float32Array.of(1, 0), topK: 0 })).toThrow(invalid);
    const long = { ...QUERY, vector: Float32Array.of(1, 0, 0) };
    expect(() => engine.search(long)).toThrow(expect.objectContaining({ code: 'VECTOR_DIMENSION' }));
  });

  it('searches an index of sparse vectors only, and has no graph then', async () => {
    const engine = createEngine({ dimension: 0, metric: 'dotproduct' });
    const none = new Float32Array(0);
    const pairs = (index: number, value: number) => ({ indices: Uint32Array.of(index), values: Float32Array.of(value) });
    for (const slot of [0, 1, 2, 3])
      engine.put(record(slot, { vector: none, sparse: pairs(slot % 2, slot + 1), searchText: 'river' }));
    const ask = { ...QUERY, mode: 'sparse', sparse: pairs(1, 0.5) } as const;
    const hit = (slot: number, score: number) => ({
      slot,
      score,
      dense: null,
      bm25: null,
      sparse: score,
      relevance: Math.min(1, score),
    });
    expect(engine.search(ask)).toEqual([hit(3, 2), hit(1, 1)]);
    engine.put(record(3, { vector: none, sparse: pairs(1, 1) }));
    expect(engine.search(ask)).toEqual([hit(1, 1), hit(3, 0.5)]);
    expect(engine.search({ ...QUERY, mode: 'bm25', terms: termsOf('river') }).map(({ slot }) => slot)).toEqual([0, 1, 2]);
    expect([engine.hasGraph, engine.insertSlice(5), engine.needsRepair()]).toEqual([false, 0, false]);
    expect([...engine.matching(null, null)]).toEqual([0, 1, 2, 3]);
    expect(() => engine.search({ ...QUERY, mode: 'sparse' })).toThrow(expect.objectContaining({ code: 'QUERY_INVALID' }));
  });

  it('adds dense and sparse parts in full up to 10,000 records, and beyond for the best by either part', () => {
    const engine = createEngine({ dimension: 2, metric: 'dotproduct' });
    const model = new Map<number, EngineRecord>();
    const put = (slot: number, angle: number, weight: number) => {
      const sparse = slot % 3 === 0 ? null : { indices: Uint32Array.of(slot % 5), values: Float32Array.of(weight) };
      model.set(slot, record(slot, { vector: Float32Array.of(Math.cos(angle), Math.sin(angle)), sparse }));
      engine.put(model.get(slot)!);
    };
    for (let slot = 0; slot < denseSparseScanMax; slot += 1) put(slot, slot * 2.4, ((slot * 7_919) % 1_000) / 1_000);
    const sparse = { indices: Uint32Array.of(1, 4), values: Float32Array.of(1, 0.5) };
    const ask = { ...QUERY, mode: 'dense-sparse', vector: Float32Array.of(1, 0), sparse, topK: 50 } as const;
    expect(engine.search(ask)).toEqual(naiveSearch(model, 'dotproduct', ask));
    put(denseSparseScanMax, 0.5, 40);
    put(denseSparseScanMax + 1, 0, 0.001);
    engine.insertSlice(60_000);
    const found = engine.search(ask);
    const whole = new Map(naiveSearch(model, 'dotproduct', { ...ask, topK: 20_000 }).map((one) => [one.slot, one]));
    for (const one of found) expect(one).toEqual(whole.get(one.slot));
    expect(found[0]!.slot).toBe([...whole.keys()][0]);
    expect(engine.search({ ...ask, exact: true })).toEqual([...whole.values()].slice(0, 50));
  });
});
