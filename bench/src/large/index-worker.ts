import { setImmediate as turn } from 'node:timers/promises';
import '@tributary/runtime/node-gc';
import { openStore, type Index } from '@tributary/store';
import { sha256, utf8 } from '@tributary/proof/primitives';
import { writeOperationsMax } from '@tributary/schemas';
import { quantile, timed } from '../harness.ts';
import { untilLinked } from '../indexes/linked.ts';
import { anonymousAfterGc } from '../indexes/memory.ts';
import { serveRemote } from '../processes.ts';
import { denseQuestion } from '../indexes/question.ts';
import { nearestOf } from '../indexes/nearest.ts';
import { makeRecords } from './records.ts';
import { watchStalls } from './stalls.ts';
import type { Latencies, LargeCalls, LargeReady, LargeStart, Memory } from './types.ts';

const NAME = 'large';
/** Numbers of questions lie beyond those of records. */
const QUESTIONS = 2 ** 30;
const K = 10;
/** Records that are made in one turn of the event loop. */
const TOGETHER = 20;

type Calls = { [Name in keyof LargeCalls]: (params: LargeCalls[Name][0]) => Promise<LargeCalls[Name][1]> };

/** One index, without a model: opened, asked, filled, closed or killed. */
await serveRemote<LargeStart, LargeCalls>(async ({ folder, ...sizes }) => {
  const records = makeRecords(sizes);
  const started = performance.now();
  const before = process.cpuUsage();
  const store = await openStore({ directory: folder, owner: { seed: sha256(utf8('owner of a large index')) } });
  const [failed] = store.failed();
  if (failed !== undefined) throw failed.error;
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
      const parsed = denseQuestion(index.info().id, vectorOf(QUESTIONS + asked), { topK: K });
      asked += 1;
      all.push(await timed(() => index.answer({ parsed }, { client: 'other', topKMax: K })));
    }
    return all;
  };
}

function putter(index: Index, { recordOf }: Made) {
  return async (from: number, to: number, round = 0) => {
    const records: ReturnType<typeof recordOf>[] = [];
    // Making a thousand takes 70 ms, which would count as a stall.
    for (let at = from; at < to; at += 1) {
      records.push(recordOf(at, round));
      if (records.length % TOGETHER === 0) await turn();
    }
    await index.upsert(records);
  };
}

function writing(index: Index, made: Made): Pick<Calls, 'fill' | 'rewrite' | 'settle' | 'purge' | 'deleteAll'> {
  const put = putter(index, made);
  const putAll = async (from: number, to: number, round = 0): Promise<void> => {
    for (let at = from; at < to; at += writeOperationsMax) await put(at, Math.min(to, at + writeOperationsMax), round);
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
        await untilLinked(index);
      }),
    settle: () => seconds(() => untilLinked(index)),
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
      const all = { count: records, vectorOf: (number: number) => made.recordOf(number, round).vector };
      const wanted = nearestOf(queries, K, all);
      let found = 0;
      for (const [at, query] of queries.entries()) {
        const { records: hits } = await index.search({ parsed: denseQuestion(index.info().id, query, { topK: K }) });
        found += hits.filter(({ id }) => wanted[at]!.has(Number(id.slice(1)))).length;
      }
      return found / (questions * K);
    },
    memory: async (): Promise<Memory> => ({
      anonymous: anonymousAfterGc(),
      parts: { ...(await index.stats()).memory, 'heap of the main thread': process.memoryUsage().heapUsed },
    }),
  };
}

/** Processor time of all threads. */
function cpuMsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

const latencies = (times: readonly number[]): Latencies => ({ p50: quantile(times, 0.5), p99: quantile(times, 0.99) });
