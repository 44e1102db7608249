import '@tributary/runtime/node-gc';
import { setTimeout as delay } from 'node:timers/promises';
import { sha256, utf8 } from '@tributary/proof/primitives';
import { writeOperationsMax } from '@tributary/schemas';
import { openStore, type Index } from '@tributary/store';
import { quantile, timed } from '../harness.ts';
import { untilLinked } from '../indexes/linked.ts';
import { anonymousAfterGc } from '../indexes/memory.ts';
import { nearestOf } from '../indexes/nearest.ts';
import { makeRecords } from '../large/records.ts';
import { serveRemote } from '../processes.ts';
import { denseQuestion } from '../indexes/question.ts';
import type { EngineCalls, EngineStart } from './types.ts';

const NAME = 'bench';
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
  const moved = engineUrl === null ? {} : { engineUrl, graphs: { [NAME]: 'engine' as const } };
  const store = await openStore({ directory: folder, owner, ...moved });
  const [failed] = store.failed();
  if (failed !== undefined) throw failed.error;
  const index =
    store.indexes().length > 0
      ? store.index(NAME)
      : await store.createIndex({ name: NAME, dimension: sizes.dimension, metric: 'cosine', model: null });
  let asked = 0;
  return {
    ready: null,
    calls: {
      fill: async (count) => (await timed(() => fill(index, count, vectorOf))) / 1_000,
      settle: async () => (await timed(() => (engineUrl === null ? untilLinked(index) : untilFollowed(index)))) / 1_000,
      async ask({ questions, isFiltered }) {
        const vectors = Array.from({ length: questions }, (_, at) => vectorOf(QUESTIONS + asked + at));
        asked += questions;
        return ask(index, vectors, isFiltered, vectorOf);
      },
      anonymousBytes: async () => anonymousAfterGc(),
      async close() {
        await store.close();
        return null;
      },
      async remove() {
        await store.removeIndex(NAME);
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
    const parsed = denseQuestion(index.info().id, vector, { topK: K, filter: isFiltered ? { part: 3 } : null });
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
  const isAllowed = (number: number): boolean => !isFiltered || number % PARTS === 3;
  // A comparison of every record takes longer than the questions.
  const judged = vectors.slice(0, 100);
  const nearest = nearestOf(judged, K, { count: index.info().records, vectorOf, isAllowed });
  const hits = nearest.map((wanted, at) => found[at]!.filter((id) => wanted.has(Number(id.slice(1)))).length / wanted.size);
  return {
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    perSecond: vectors.length / seconds,
    recall: hits.reduce((sum, hit) => sum + hit, 0) / hits.length,
  };
}
