import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { openKeys } from '@tributary/relay/local';
import { openEmbedder, openStore, type Index, type Store } from '@tributary/store';
import { readCollection, readQuestions } from '../eval/collections.ts';
import { evaluate, type Evaluation } from '../eval/evaluate.ts';
import { dataFolder } from '../folders.ts';
import { hubDownloads } from '../steps/models/hub-downloads.ts';
import { modelOptions, type ModelOptions } from '../steps/models/model-options.ts';
import type { Output } from '../ui/output.ts';
import { describeDevice } from '../ui/describe-device.ts';
import { createProgress } from '../ui/progress.ts';

export interface EvalOptions extends ModelOptions {
  queries: string;
  qrels: string;
  corpus?: string;
  offTopic?: string;
  index: string;
  data?: string;
  json?: boolean;
}

/**
 * `tributary eval`: ranking quality of dense, BM25 and hybrid search on a judged collection, and of the graph against
 * exact search.
 */
export async function evalCommand(options: EvalOptions, output: Output, signal: AbortSignal): Promise<number> {
  const collection = await readCollection(options);
  const offTopic = options.offTopic === undefined ? [] : await readQuestions(options.offTopic);
  const data = dataFolder('provider', options.data);
  const keys = await openKeys(data, randomBytes);
  const embedder = await openEmbedder(await modelOptions(options, process.env, hubDownloads(output, signal)));
  const store = await openStore({ directory: join(data, 'store'), owner: { seed: keys.owner.seed }, embedder });
  try {
    output.note(describeDevice(embedder));
    const index = await openIndex(store, options, embedder);
    if (options.corpus !== undefined) await fill(index, options.corpus, output, signal);
    const progress = createProgress('eval', output);
    const evaluation = await evaluate({
      index,
      ...collection,
      offTopic,
      depth: 100,
      exact: true,
      signal,
      onProgress: ({ phase, done, total }) => progress.update({ done, total, note: phase, secondsLeft: null }),
    });
    progress.stop();
    if (options.json) output.json(evaluation);
    else show(evaluation, output);
    return 0;
  } finally {
    await store.close();
    await embedder.close();
  }
}

async function openIndex(
  store: Store,
  { index, corpus }: EvalOptions,
  embedder: Awaited<ReturnType<typeof openEmbedder>>,
): Promise<Index> {
  if (corpus === undefined || store.indexes().some(({ name }) => name === index)) return store.index(index);
  return store.createIndex({ name: index, dimension: embedder.dimension, metric: 'cosine', model: embedder.card });
}

async function fill(index: Index, corpus: string, output: Output, signal: AbortSignal): Promise<void> {
  const progress = createProgress('ingest', output);
  const report = await index.ingest([corpus], { signal }, ({ done, total, rate, secondsLeft }) =>
    progress.update({ done, total, note: `${Math.round(rate)} chunks/s`, secondsLeft }),
  );
  progress.stop();
  output.note(`${report.documents} documents, ${report.chunks.added} chunks added, ${report.chunks.unchanged} unchanged`);
}

function show({ modes, queries, hnswRecall }: Evaluation, output: Output): void {
  output.line(`${queries} judged queries; with bound: what a client gets by default`);
  output.line('mode      NDCG@10  with bound  recall@10  recall@100    kept  refused off-topic');
  for (const [mode, quality] of Object.entries(modes)) {
    const cells = [
      quality.ndcg10.toFixed(3).padStart(9),
      quality.ndcg10Line.toFixed(3).padStart(11),
      quality.recall10.toFixed(3).padStart(11),
      (quality.recall100?.toFixed(3) ?? '-').padStart(12),
      percent(quality.kept).padStart(8),
      percent(quality.refused).padStart(19),
    ];
    output.line(`${mode.padEnd(8)}${cells.join('')}`);
  }
  for (const [mode, { rankings }] of Object.entries(modes)) {
    for (const { denseWeight, minRelevance, queries: count } of rankings) {
      const weight = denseWeight === null ? '' : `dense weight ${denseWeight}, `;
      output.line(`${mode}: ${weight}line ${minRelevance === 0 ? 'none' : minRelevance} for ${count} queries`);
    }
  }
  if (hnswRecall !== null) output.line(`graph against exact search: recall@10 ${hnswRecall.toFixed(4)}`);
}

function percent(share: number | null): string {
  return share === null ? '-' : `${(100 * share).toFixed(1)} %`;
}
