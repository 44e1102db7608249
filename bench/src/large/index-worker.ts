import '@tributary/runtime/node-gc';
import { setTimeout as delay } from 'node:timers/promises';
import { openStore, type Index } from '@tributary/store';
import { sha256, utf8, vectorToBase64url } from '@tributary/proof/primitives';
import { writeOperationsMax, type Request } from '@tributary/schemas';
import { quantile, timed } from '../harness.ts';
import { serveRemote } from '../processes.ts';
import { anonymousBytes } from '../vitals.ts';
import { makeRecords } from './records.ts';
import { watchStalls } from './stalls.ts';
import type { Latencies, LargeCalls, LargeReady, LargeStart, Memory } from './types.ts';

const NAME = 'large';
/** Numbers of questions lie beyond those of records. */
const QUESTIONS = 2 ** 30;
const SETTLE_MS = 100;
const K = 10;

type Calls = { [Name in keyof LargeCalls]: (params: LargeCalls[Name][0]) => Promise<LargeCalls[Name][1]> };

/** One index, without a model: opened, asked, filled, closed or killed. */
await serveRemote<LargeStart, LargeCalls>(async ({ folder, ...sizes }) => {
  const records = makeRecords(sizes);
  const started = performance.now();
  const before = process.cpuUsage();
  const store = await openStore({ directory: folder, owner: { seed: sha256(utf8('owner of a large index')) } });
  const isNew = store.indexes().length === 0;
  const index = isNew
    ? await store.createIndex({ name: NAME, dimension: sizes.dimension, metric: 'cosine', model: null })
    : store.index(NAME);
  const ask = asker(index, records);
  if (!isNew) await ask(1);
  const ready: LargeReady = { openMs: performance.now() - started, openCpuMs: cpuMsSince(before) };
  const close = async (): Promise<null> => {
    await store.close();
    return null;
  };
  return { ready, calls: { ...writing(index, records), ...asking(index, records, ask), close }, close: () => store.close() };
});

type Made = ReturnType<typeof makeRecords>;
type Ask = (questions: number) => Promise<number[]>;

/** Asks so many questions, one after the other, each another one; returns the milliseconds of each. */
function asker(index: Index, { vectorOf }: Made): Ask {
  let asked = 0;
  return async (questions) => {
    const all: number[] = [];
    for (let at = 0; at < questions; at += 1) {
      const parsed = question(index.info().id, vectorOf(QUESTIONS + asked));
      asked += 1;
      all.push(await timed(() => index.answer({ parsed }, { client: 'other', topKMax: K })));
    }
    return all;
  };
}

function putter(index: Index, { recordOf }: Made) {
  return (from: number, to: number, round = 0) =>
    index.upsert(Array.from({ length: to - from }, (_, at) => recordOf(from + at, round)));
}

function writing(index: Index, made: Made): Pick<Calls, 'fill' | 'rewrite' | 'settle' | 'purge' | 'deleteAll'> {
  const put = putter(index, made);
  const putAll = async (from: number, to: number, round = 0): Promise<void> => {
    for (let at = from; at < to; at += writeOperationsMax) await put(at, Math.min(to, at + writeOperationsMax), round);
  };
  const settle = async (): Promise<void> => {
    while ((await index.stats()).waiting > 0) await delay(SETTLE_MS);
  };
  const seconds = async (work: () => unknown): Promise<number> => (await timed(work)) / 1_000;
  return {
    async fill(count) {
      const before = index.info().records;
      const stalls = watchStalls(index);
      const ms = await timed(() => putAll(before, count));
      return { perSecond: ((count - before) / ms) * 1_000, ...(await stalls()) };
    },
    rewrite: ({ records, round }) =>
      seconds(async () => {
        await putAll(0, records, round);
        await settle();
      }),
    settle: () => seconds(settle),
    async purge(count) {
      const cpu = process.cpuUsage();
      await index.delete({ ids: Array.from({ length: count }, (_, at) => `r${at * 7}`) });
      await index.compact();
      return cpuMsSince(cpu);
    },
    deleteAll: (count) =>
      seconds(async () => {
        await index.delete({ all: true });
        await index.compact();
        await put(0, count);
      }),
  };
}

function asking(index: Index, made: Made, ask: Ask): Pick<Calls, 'ask' | 'askBesideWrites' | 'recall' | 'memory'> {
  const put = putter(index, made);
  return {
    ask: async (questions) => latencies(await ask(questions)),
    async askBesideWrites({ questions, written }) {
      let isAsking = true;
      const writes = (async () => {
        for (let from = 0; isAsking; from += written)
          await put(from % index.info().records, (from % index.info().records) + written);
      })();
      const all = await ask(questions);
      isAsking = false;
      await writes;
      return latencies(all);
    },
    async recall({ questions, records, round }) {
      const queries = Array.from({ length: questions }, (_, at) => made.vectorOf(QUESTIONS - 1 - at));
      const wanted = nearest(queries, records, (number) => made.recordOf(number, round).vector);
      let found = 0;
      for (const [at, query] of queries.entries()) {
        const { records: hits } = await index.search({ parsed: question(index.info().id, query) });
        found += hits.filter(({ id }) => wanted[at]!.has(id)).length;
      }
      return found / (questions * K);
    },
    memory: async (): Promise<Memory> => ({
      anonymous: anonymousAfterGc(),
      parts: { ...(await index.stats()).memory, 'heap of the main thread': process.memoryUsage().heapUsed },
    }),
  };
}

/** Ids of the nearest records of each query, by comparing all. */
function nearest(queries: readonly Float32Array[], records: number, vectorOf: (number: number) => Float32Array): Set<string>[] {
  const best = queries.map((): { id: string; score: number }[] => []);
  for (let number = 0; number < records; number += 1) {
    const vector = vectorOf(number);
    for (const [at, query] of queries.entries()) {
      let score = 0;
      for (let place = 0; place < query.length; place += 1) score += query[place]! * vector[place]!;
      const list = best[at]!;
      if (list.length >= K && score <= list[K - 1]!.score) continue;
      list.push({ id: `r${number}`, score });
      list.sort((a, b) => b.score - a.score).splice(K);
    }
  }
  return best.map((list) => new Set(list.map(({ id }) => id)));
}

/** Processor time of all threads. */
function cpuMsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

const latencies = (times: readonly number[]): Latencies => ({ p50: quantile(times, 0.5), p99: quantile(times, 0.99) });

/** From Linux's /proc; elsewhere the resident memory, which counts mapped files as well. */
function anonymousAfterGc(): number {
  globalThis.gc?.();
  return anonymousBytes();
}

function question(index: string, vector: Float32Array<ArrayBuffer>): Request {
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
    filter: null,
    minRelevance: 0,
    minSequence: null,
  };
}
