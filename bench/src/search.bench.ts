import { createEngine, type EngineQuery, type SearchEngine } from '@tributary/store/testing';
import { parseFilter } from '@tributary/proof/ranking';
import hnswlib from 'hnswlib-node';
import { alternate, ratioRow, timed, valueRow } from './harness.ts';
import type { Bench, BenchContext, Report, Row } from './types.ts';
import { clusteredVectors, exactNearest, seeded } from './vectors.ts';

interface Sizes {
  readonly vectors: number;
  readonly dimension: number;
  readonly clusters: number;
  readonly queries: number;
  /** Queries whose true neighbours are computed for the recall. */
  readonly recallQueries: number;
  readonly rounds: number;
}

interface Data {
  readonly vectors: readonly Float32Array[];
  readonly queries: readonly Float32Array[];
  readonly engine: SearchEngine;
  readonly graph: hnswlib.HierarchicalNSW;
}

const K = 10;
const M = 16;
const EF_CONSTRUCTION = 200;
const EF = 64;
/** One in this many records matches the filter. */
const SELECTIVITIES = [2, 10, 100, 1_000];
const BASE: EngineQuery = {
  mode: 'dense',
  vector: null,
  sparse: null,
  terms: null,
  denseWeight: null,
  namespace: '',
  topK: K,
  filter: null,
  filterNode: null,
  minRelevance: 0,
  excludeUnsold: false,
  ef: EF,
};

/**
 * Top-10 search of the engine of an index worker, in this process, compared with hnswlib alone with the same graph and
 * search width. It shows the cost of exact rescoring, namespaces, tombstones and metadata. Filters are compared with
 * hnswlib's own, a callback per label.
 */
export const searchBench: Bench<Sizes> = {
  name: 'search',
  summary: 'top-10 vector search in process, against bare hnswlib-node',
  full: { vectors: 20_000, dimension: 384, clusters: 200, queries: 1_000, recallQueries: 300, rounds: 7 },
  smoke: { vectors: 400, dimension: 16, clusters: 10, queries: 20, recallQueries: 10, rounds: 2 },
  async run(sizes, context) {
    const data = build(sizes, context);
    const rows = await compare('no filter', data, sizes, null);
    for (const selectivity of SELECTIVITIES.filter((one) => one * K <= sizes.vectors)) {
      context.progress(`filter that one record in ${selectivity} matches`);
      rows.push(...(await compare(`filter 1/${selectivity}`, data, sizes, selectivity)));
    }
    return report(rows, sizes);
  },
};

function build(sizes: Sizes, { progress }: BenchContext): Data {
  const random = seeded(11);
  const all = clusteredVectors(random, { ...sizes, count: sizes.vectors + sizes.queries });
  const vectors = all.slice(0, sizes.vectors);
  const queries = all.slice(sizes.vectors);
  progress(`building both graphs of ${vectors.length} vectors`);
  const graph = new hnswlib.HierarchicalNSW('ip', sizes.dimension);
  graph.initIndex({ maxElements: vectors.length, m: M, efConstruction: EF_CONSTRUCTION });
  const engine = createEngine({
    dimension: sizes.dimension,
    metric: 'cosine',
    hnsw: { M, efConstruction: EF_CONSTRUCTION, efSearch: EF, scanned: 0 },
  });
  vectors.forEach((vector, slot) => {
    graph.addPoint([...vector], slot);
    const metadata = Object.fromEntries(SELECTIVITIES.map((one) => [`m${one}`, slot % one]));
    engine.put({ slot, namespace: '', vector, sparse: null, searchText: '', metadata, sell: 'full' });
  });
  engine.insertSlice(Number.MAX_SAFE_INTEGER);
  graph.setEf(EF);
  return { vectors, queries, engine, graph };
}

async function compare(
  what: string,
  { vectors, queries, engine, graph }: Data,
  sizes: Sizes,
  selectivity: number | null,
): Promise<Row[]> {
  const filterNode = selectivity === null ? null : parseFilter({ [`m${selectivity}`]: 1 });
  const isAllowed = (id: number): boolean => selectivity === null || id % selectivity === 1;
  const ours = (vector: Float32Array): number[] => engine.search({ ...BASE, vector, filterNode }).map(({ slot }) => slot);
  const plain = (vector: Float32Array): number[] =>
    (selectivity === null ? graph.searchKnn([...vector], K) : graph.searchKnn([...vector], K, isAllowed)).neighbors;
  const perSecond = (search: (vector: Float32Array) => number[]) => async (): Promise<number> =>
    (queries.length / (await timed(() => queries.forEach(search)))) * 1_000;
  const rate = await alternate(sizes.rounds, { ours: perSecond(ours), plain: perSecond(plain) });
  const recall = { ours: 0, plain: 0, wanted: 0 };
  for (const query of queries.slice(0, sizes.recallQueries)) {
    const truth = new Set(exactNearest(vectors, query, K, isAllowed));
    recall.wanted += truth.size;
    recall.ours += ours(query).filter((id) => truth.has(id)).length;
    recall.plain += plain(query).filter((id) => truth.has(id)).length;
  }
  const found = { ours: recall.ours / recall.wanted, plain: recall.plain / recall.wanted };
  return [
    ratioRow(`${what}: searches`, 'per second', rate.ours, rate.plain, selectivity === null ? 0.9 : null),
    {
      ...valueRow(`${what}: recall@10`, '', found.ours, { atLeast: 0.95 }),
      baseline: found.plain,
      ratio: found.ours / found.plain,
    },
  ];
}

function report(rows: Row[], sizes: Sizes): Report {
  const { vectors, dimension, clusters, queries, rounds } = sizes;
  return {
    rows,
    notes: [
      `${vectors} unit vectors of ${dimension} components around ${clusters} centres; ${queries} queries a round, ${rounds} rounds; M ${M}, efConstruction ${EF_CONSTRUCTION}, ef ${EF}`,
      'baseline: hnswlib-node searchKnn, inner product; the filter is a callback there',
    ],
  };
}
