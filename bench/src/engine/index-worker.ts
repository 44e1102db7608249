import '@tributary/runtime/node-gc';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { sha256, utf8, vectorToBase64url } from '@tributary/proof/primitives';
import { writeOperationsMax, type Request } from '@tributary/schemas';
import { openStore, type Index } from '@tributary/store';
import { quantile, timed } from '../harness.ts';
import { untilIdle } from '../idle.ts';
import { makeRecords } from '../large/records.ts';
import { serveRemote } from '../processes.ts';
import { exactNearest } from '../vectors.ts';
import type { EngineCalls, EngineStart } from './types.ts';

/** Numbers of questions lie beyond those of records. */
const QUESTIONS = 2 ** 30;
const K = 10;
const IN_FLIGHT = 8;
const PARTS = 10;

/** One index without a model, with its graph here or on an engine. */
await serveRemote<EngineStart, EngineCalls>(async ({ folder, engineUrl: named, ...sizes }) => {
  // Every process of the machine can read the arguments of this one, and the address may have a password.
  const engineUrl = named === 'environment' ? process.env['TRIBUTARY_ENGINE_URL']! : named;
  const { vectorOf } = makeRecords(sizes);
  const owner = { seed: sha256(utf8('owner of an index on an engine')) };
  const store = await openStore({ directory: folder, owner, ...(engineUrl === null ? {} : { engineUrl }) });
  const index = await store.createIndex({ name: 'bench', dimension: sizes.dimension, metric: 'cosine', model: null });
  let asked = 0;
  return {
    ready: null,
    calls: {
      fill: async (count) => (await timed(() => fill(index, count, vectorOf))) / 1_000,
      settle: async () => (await timed(() => (engineUrl === null ? untilIdle() : untilFollowed(index)))) / 1_000,
      async ask({ questions, isFiltered }) {
        const vectors = Array.from({ length: questions }, (_, at) => vectorOf(QUESTIONS + asked + at));
        asked += questions;
        return ask(index, vectors, isFiltered, vectorOf);
      },
      anonymousBytes,
      async close() {
        // The rows of a bench do not stay in somebody's database.
        await store.removeIndex('bench');
        return null;
      },
    },
    close: () => store.close(),
  };
});

async function fill(index: Index, count: number, vectorOf: (number: number) => Float32Array<ArrayBuffer>): Promise<void> {
  for (let from = 0; from < count; from += writeOperationsMax) {
    const numbers = Array.from({ length: Math.min(count - from, writeOperationsMax) }, (_, at) => from + at);
    await index.upsert(
      numbers.map((number) => ({
        id: `r${number}`,
        text: `record ${number}`,
        vector: vectorOf(number),
        metadata: { part: number % PARTS },
      })),
    );
  }
}

async function untilFollowed(index: Index): Promise<void> {
  for (;;) {
    const { engine } = index.info();
    if (engine?.state === 'ready' && engine.waiting === 0) return;
    if (engine?.state === 'down') throw new Error(engine.why ?? 'the engine is down');
    await delay(100);
  }
}

async function ask(
  index: Index,
  vectors: readonly Float32Array<ArrayBuffer>[],
  isFiltered: boolean,
  vectorOf: (number: number) => Float32Array<ArrayBuffer>,
) {
  const answer = (vector: Float32Array<ArrayBuffer>) => {
    const parsed = question(index.info().id, vector, isFiltered);
    return index.search({ parsed }, { topKMax: K });
  };
  const found: string[][] = [];
  const times: number[] = [];
  for (const vector of vectors)
    times.push(await timed(async () => void found.push((await answer(vector)).records.map(({ id }) => id))));
  let next = 0;
  const seconds =
    (await timed(() =>
      Promise.all(
        Array.from({ length: IN_FLIGHT }, async () => {
          while (next < vectors.length) await answer(vectors[next++]!);
        }),
      ),
    )) / 1_000;
  const all = Array.from({ length: index.info().records }, (_, number) => vectorOf(number));
  const isAllowed = (number: number): boolean => !isFiltered || number % PARTS === 3;
  // A comparison of every record takes longer than the questions.
  const judged = vectors.slice(0, 100);
  const hits = judged.map((vector, at) => {
    const wanted = new Set(exactNearest(all, vector, K, isAllowed).map((number) => `r${number}`));
    return found[at]!.filter((id) => wanted.has(id)).length / wanted.size;
  });
  return {
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    perSecond: vectors.length / seconds,
    recall: hits.reduce((sum, hit) => sum + hit, 0) / hits.length,
  };
}

/** From Linux's /proc; elsewhere the resident memory, which counts mapped files as well. */
function anonymousBytes(): number {
  globalThis.gc?.();
  try {
    return Number(/^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1'))![1]) * 1_024;
  } catch {
    return process.memoryUsage().rss;
  }
}

function question(index: string, vector: Float32Array<ArrayBuffer>, isFiltered: boolean): Request {
  return {
    v: 1,
    type: 'tributary/query',
    index,
    namespace: '',
    topK: K,
    mode: 'dense',
    denseWeight: null,
    text: null,
    vector: vectorToBase64url(vector),
    model: null,
    filter: isFiltered ? { part: 3 } : null,
    minRelevance: 0,
    minSequence: null,
  };
}
