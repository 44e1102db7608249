import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { evaluate, readCollection, readQuestions, type Evaluation } from '@tributary/cli';
import type { QueryMode } from '@tributary/schemas';
import { openEmbedder, openStore, type Store } from '@tributary/store';
import { valueRow } from './harness.ts';
import { sharedData, shippedModel } from './model.ts';
import type { Bench, BenchContext, Report, Row } from './types.ts';

interface Sizes {
  readonly collections: readonly { readonly name: string; readonly hybridAtLeast: number | null }[];
  readonly queriesMax: number;
}

const MODES: readonly QueryMode[] = ['dense', 'bm25', 'hybrid'];

/**
 * NDCG@10 of the three modes on real test collections, through the store as for its owner. Hybrid should not be worse
 * than either of its halves. A collection takes minutes, because thousands of documents are embedded.
 */
export const qualityBench: Bench<Sizes> = {
  name: 'quality',
  summary: 'NDCG@10 of dense, BM25 and hybrid search on SciFact and Cranfield',
  full: {
    collections: [
      { name: 'scifact', hybridAtLeast: 0.7 },
      { name: 'cranfield', hybridAtLeast: null },
    ],
    queriesMax: Number.POSITIVE_INFINITY,
  },
  smoke: { collections: [], queriesMax: 0 },
  async run({ collections, queriesMax }, context): Promise<Report> {
    const missing = collections.filter(({ name }) => !existsSync(join(sharedData, name)));
    if (missing.length > 0)
      return { rows: [], notes: [], skipped: `${missing.map(({ name }) => name).join(', ')} not in ../shared/data` };
    const embedder = await openEmbedder({ modelDirectory: shippedModel });
    const store = await openStore({ directory: context.folder, owner: { seed: new Uint8Array(32).fill(1) }, embedder });
    try {
      const rows: Row[] = [];
      for (const { name, hybridAtLeast } of collections) {
        const index = await store.createIndex({ name, dimension: embedder.dimension, metric: 'cosine', model: embedder.card });
        rows.push(...rowsOf(name, await measure(name, index, queriesMax, context), hybridAtLeast));
      }
      return {
        rows,
        notes: [
          'judgements: qrels.tsv of each collection; linear gain; the best chunk stands for its document; model bge-small-en-v1.5 int8',
        ],
      };
    } finally {
      await store.close();
      await embedder.close();
    }
  },
};

async function measure(
  name: string,
  index: Awaited<ReturnType<Store['createIndex']>>,
  queriesMax: number,
  { progress }: BenchContext,
): Promise<Evaluation> {
  const folder = join(sharedData, name);
  let told = 0;
  await index.ingest([join(folder, 'corpus.jsonl')], {}, ({ rate, secondsLeft }) => {
    if (performance.now() - told < 10_000) return;
    told = performance.now();
    progress(`${name}: ${rate.toFixed(0)} chunks/s${secondsLeft === null ? '' : `, ${secondsLeft.toFixed(0)} s left`}`);
  });
  const collection = await readCollection({ queries: join(folder, 'queries.jsonl'), qrels: join(folder, 'qrels.tsv') });
  const queries = new Map([...collection.queries].slice(0, queriesMax));
  const offTopic = await readQuestions(join(import.meta.dirname, '../fixtures/off-topic.jsonl'));
  return evaluate({ index, ...collection, queries, offTopic, depth: 10, exact: true });
}

function rowsOf(name: string, { modes, hnswRecall }: Evaluation, hybridAtLeast: number | null): Row[] {
  const value = (mode: QueryMode): number => modes[mode]!.ndcg10;
  const best = Math.max(value('dense'), value('bm25'));
  const atLeast = Math.max(best, hybridAtLeast ?? 0);
  return [
    ...MODES.map((mode) =>
      valueRow(`${name}, ${mode}`, 'NDCG@10', value(mode), mode === 'hybrid' ? { atLeast: Number(atLeast.toFixed(3)) } : null),
    ),
    ...MODES.map((mode) => valueRow(`${name}, ${mode}`, 'recall@10', modes[mode]!.recall10)),
    ...MODES.flatMap((mode) => [
      valueRow(`${name}, ${mode}: with the usual line`, 'NDCG@10', modes[mode]!.ndcg10Line),
      valueRow(`${name}, ${mode}: questions that get an answer`, 'share', modes[mode]!.kept, { atLeast: 0.99 }),
      valueRow(`${name}, ${mode}: off-topic questions refused`, 'share', modes[mode]!.refused!),
    ]),
    valueRow(`${name}: graph against exact search`, 'recall@10', hnswRecall!, { atLeast: 0.95 }),
  ];
}
