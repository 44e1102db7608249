import { createReadStream, existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { searchText } from '@tributary/schemas';
import { openEmbedder, openStore, type Embedder, type Index, type Store } from '@tributary/store';
import { alternate, ratioRow, valueRow } from './harness.ts';
import { startBareEmbedding } from './ingest/bare-embedding.ts';
import { sharedData, shippedModel } from './model.ts';
import { makeData } from './relay/data.ts';
import type { Bench } from './types.ts';

interface Sizes {
  readonly documents: number;
  readonly rounds: number;
  /** On both sides. */
  readonly workers: number;
}

/** The store starts no more on its own. */
const WORKERS_MAX = 8;
const CORPUS = join(sharedData, 'scifact/corpus.jsonl');

/**
 * Chunks per second of an ingest, from the file on disk to synced, signed and searchable, compared with transformers.js
 * embedding only the texts of the same chunks. Both have the same workers: one per processor, with one thread and one
 * text per call.
 */
export const ingestBench: Bench<Sizes> = {
  name: 'ingest',
  summary: 'chunks per second into an index, against bare transformers.js embedding',
  full: { documents: 300, rounds: 5, workers: Math.min(availableParallelism(), WORKERS_MAX) },
  smoke: { documents: 2, rounds: 1, workers: 1 },
  async run({ documents, rounds, workers }, { folder, progress }) {
    const file = join(folder, 'corpus.jsonl');
    await writeFile(file, (await documentLines(documents)).join('\n'));
    const embedder = await openEmbedder({ modelDirectory: shippedModel, workers });
    const store = await openStore({ directory: join(folder, 'store'), owner: { seed: new Uint8Array(32).fill(1) }, embedder });
    const first = await ingestOnce(store, embedder, file, 'warm-up');
    const texts = await textsOf(first.index);
    const bare = await startBareEmbedding(workers);
    try {
      await bare.embed(texts.slice(0, 8));
      let round = 0;
      const found = await alternate(
        rounds,
        {
          ours: async () => (await ingestOnce(store, embedder, file, `round-${(round += 1)}`)).rate,
          bare: async () => {
            const started = performance.now();
            await bare.embed(texts);
            return (texts.length / (performance.now() - started)) * 1_000;
          },
        },
        (at) => progress(`round ${at} of ${rounds}, ${texts.length} chunks`),
      );
      const source = existsSync(CORPUS) ? 'SciFact abstracts' : 'made-up prose (../shared/data is not there)';
      return {
        rows: [ratioRow('ingest', 'chunks/s', found.ours, found.bare, 0.9), valueRow('chunks', '', texts.length)],
        notes: [`${documents} documents of ${source}, ${rounds} rounds into new indexes; ${bare.workers} workers on both sides`],
      };
    } finally {
      await bare.close();
      await store.close();
      await embedder.close();
    }
  },
};

async function documentLines(count: number): Promise<string[]> {
  if (!existsSync(CORPUS)) {
    const { textOf } = makeData({ vectors: 0, dimension: 1, clusters: 1, queries: 0 });
    return Array.from({ length: count }, (_, id) =>
      JSON.stringify({ _id: String(id), title: `Passage ${id}`, text: textOf(id) }),
    );
  }
  const lines: string[] = [];
  for await (const line of createInterface({ input: createReadStream(CORPUS) })) {
    lines.push(line);
    if (lines.length === count) break;
  }
  return lines;
}

async function ingestOnce(store: Store, embedder: Embedder, file: string, name: string): Promise<{ index: Index; rate: number }> {
  const index = await store.createIndex({ name, dimension: embedder.dimension, metric: 'cosine', model: embedder.card });
  const started = performance.now();
  const { chunks, rejected } = await index.ingest([file]);
  const seconds = (performance.now() - started) / 1_000;
  if (rejected.length > 0) throw new Error(`${rejected[0]!.file} was rejected: ${rejected[0]!.reason}`);
  return { index, rate: chunks.added / seconds };
}

/** The text that was embedded for each chunk. */
async function textsOf(index: Index): Promise<string[]> {
  const texts: string[] = [];
  for (let after: string | undefined; ;) {
    const { ids, next } = await index.list({ limit: 500, ...(after === undefined ? {} : { after }) });
    texts.push(...(await index.fetch(ids)).map((record) => searchText(record)));
    if (next === null) return texts;
    after = next;
  }
}
