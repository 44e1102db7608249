import { openBundles } from './bundles.ts';
import { openFrames } from './frames.ts';
import { openHttp } from './http.ts';
import { openRoutes } from './routes/target.ts';
import { randomOf } from './random.ts';
import type { OpenTarget } from './types.ts';

/** What is fuzzed, how many inputs at a time, and its share of a full run. */
export const KINDS: Readonly<Record<string, { open: OpenTarget; atOnce: number; share: number }>> = {
  frames: { open: () => openFrames('memory'), atOnce: 32, share: 0.55 },
  tcp: { open: () => openFrames('tcp'), atOnce: 16, share: 0.05 },
  bundles: { open: openBundles, atOnce: 1, share: 0.15 },
  http: { open: openHttp, atOnce: 16, share: 0.15 },
  routes: { open: openRoutes, atOnce: 16, share: 0.1 },
};

export interface FuzzOptions {
  kind: string;
  seed: number;
  count: number;
  /** First input; not 0 to repeat a single one. */
  from?: number;
  progress?: (line: string) => void;
}

export interface FuzzResult {
  kind: string;
  inputs: number;
  seconds: number;
  /** Longest time of one input, in milliseconds. */
  slowestMs: number;
  /** Largest growth of the process's memory, in MiB. */
  grownMiB: number;
}

/** An input that takes longer counts as a hang. The machine may be busy, but the work takes milliseconds. */
const inputMs = 20_000;
const grownMiBMax = 700;
const honestEvery = 512;

/**
 * Feeds `count` inputs.
 *
 * @throws Error with the input to repeat
 */
export async function fuzz({ kind, seed, count, from = 0, progress }: FuzzOptions): Promise<FuzzResult> {
  const { open, atOnce } = KINDS[kind]!;
  const target = await open();
  const started = performance.now();
  const result: FuzzResult = { kind, inputs: 0, seconds: 0, slowestMs: 0, grownMiB: 0 };
  const memory = () => process.memoryUsage.rss() / 2 ** 20;
  await target.honest();
  const memoryBefore = memory();
  const feed = async (input: number): Promise<void> => {
    const begun = performance.now();
    await inTime(target.feed(randomOf(seed, kind, input)), `input ${input}`);
    result.slowestMs = Math.max(result.slowestMs, performance.now() - begun);
  };
  let current = from;
  const fail = (error: unknown): never => {
    const again = `npm run fuzz -- --kind ${kind} --seed ${seed} --from ${Math.max(from, current - atOnce)} --count ${atOnce}`;
    throw new Error(`fuzz: ${kind} failed at input ${current} of seed ${seed}; again with: ${again}`, { cause: error });
  };
  const onStray = (error: unknown) => void (stray ??= { error });
  let stray: { error: unknown } | undefined;
  process.on('uncaughtException', onStray);
  process.on('unhandledRejection', onStray);
  try {
    for (; current < from + count; current += atOnce) {
      const inputs = Array.from({ length: Math.min(atOnce, from + count - current) }, (_, at) => current + at);
      await Promise.all(inputs.map(feed)).catch(fail);
      if (stray) fail(stray.error);
      result.inputs += inputs.length;
      if (Math.floor(result.inputs / honestEvery) === Math.floor((result.inputs - inputs.length) / honestEvery)) continue;
      await inTime(target.honest(), 'an honest caller').catch(fail);
      result.grownMiB = Math.max(result.grownMiB, memory() - memoryBefore);
      if (result.grownMiB > grownMiBMax) fail(new Error(`memory grew by ${Math.round(result.grownMiB)} MiB`));
      if (result.inputs % (honestEvery * 64) < atOnce) progress?.(`${kind}: ${result.inputs} of ${count}`);
    }
    await target.honest();
    if (stray) fail(stray.error);
  } finally {
    process.off('uncaughtException', onStray);
    process.off('unhandledRejection', onStray);
    await target.close();
  }
  return { ...result, seconds: (performance.now() - started) / 1_000 };
}

async function inTime<T>(work: Promise<T>, what: string): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`${what} took more than ${inputMs} ms`)), inputMs);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
