import '@tributary/runtime/node-gc';
import { readFileSync } from 'node:fs';
import { openStore, type Index } from '@tributary/store';
import { sha256, utf8, vectorToBase64url } from '@tributary/proof/primitives';
import { writeOperationsMax, type Request } from '@tributary/schemas';
import { quantile, timed } from '../harness.ts';
import { untilIdle } from '../idle.ts';
import { serveRemote } from '../processes.ts';
import { makeRecords } from './records.ts';
import type { Latencies, LargeCalls, LargeReady, LargeStart } from './types.ts';

const NAME = 'large';
/** Numbers of questions lie beyond those of records. */
const QUESTIONS = 2 ** 30;

/** One index, without a model: opened, asked, filled, closed or killed. */
await serveRemote<LargeStart, LargeCalls>(async ({ folder, ...sizes }) => {
  const { vectorOf, recordOf } = makeRecords(sizes);
  let asked = 0;
  const ask = async (index: Index): Promise<void> => {
    const parsed = question(index.info().id, vectorOf(QUESTIONS + asked));
    asked += 1;
    await index.answer({ parsed }, { client: 'other', topKMax: 10 });
  };
  const started = performance.now();
  const before = process.cpuUsage();
  const store = await openStore({ directory: folder, owner: { seed: sha256(utf8('owner of a large index')) } });
  const isNew = store.indexes().length === 0;
  const index = isNew
    ? await store.createIndex({ name: NAME, dimension: sizes.dimension, metric: 'cosine', model: null })
    : store.index(NAME);
  if (!isNew) await ask(index);
  const ready: LargeReady = { openMs: performance.now() - started, openCpuMs: cpuMsSince(before) };

  const times = async (questions: number): Promise<number[]> => {
    const all: number[] = [];
    for (let at = 0; at < questions; at += 1) all.push(await timed(() => ask(index)));
    return all;
  };
  const put = (from: number, to: number) => index.upsert(Array.from({ length: to - from }, (_, at) => recordOf(from + at)));
  return {
    ready,
    calls: {
      async fill(count) {
        const before = index.info().records;
        const ms = await timed(async () => {
          for (let from = before; from < count; from += writeOperationsMax)
            await put(from, Math.min(count, from + writeOperationsMax));
        });
        return ((count - before) / ms) * 1_000;
      },
      settle: async () => (await timed(untilIdle)) / 1_000,
      ask: async (questions) => latencies(await times(questions)),
      async askBesideWrites({ questions, written }) {
        let isAsking = true;
        const writes = (async () => {
          for (let from = 0; isAsking; from += written)
            await put(from % index.info().records, (from % index.info().records) + written);
        })();
        const all = await times(questions);
        isAsking = false;
        await writes;
        return latencies(all);
      },
      anonymousBytes,
      async purge(count) {
        const cpu = process.cpuUsage();
        await index.delete({ ids: Array.from({ length: count }, (_, at) => `r${at * 7}`) });
        await index.compact();
        return cpuMsSince(cpu);
      },
      async close() {
        await store.close();
        return null;
      },
    },
    close: () => store.close(),
  };
});

/** Processor time of all threads. */
function cpuMsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

const latencies = (times: readonly number[]): Latencies => ({ p50: quantile(times, 0.5), p99: quantile(times, 0.99) });

/** From Linux's /proc; elsewhere the resident memory, which counts mapped files as well. */
function anonymousBytes(): number {
  globalThis.gc?.();
  try {
    return Number(/^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1'))![1]) * 1_024;
  } catch {
    return process.memoryUsage().rss;
  }
}

function question(index: string, vector: Float32Array<ArrayBuffer>): Request {
  return {
    v: 1,
    type: 'tributary/query',
    index,
    namespace: '',
    topK: 10,
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
