import { setTimeout as sleep } from 'node:timers/promises';
import { jobRetryMs, jobsAtOnceMax } from './limits.ts';

/** Work that continues after its request was answered: one job per key, a few at a time. */
export interface Jobs {
  /** Runs the job of that key; once more if it is already running. */
  add(key: string): void;
  /** Cancels or stops the job. Resolves when it does not run any more. */
  stop(key: string): Promise<void>;
  /** Stops all jobs. None starts again. */
  close(): Promise<void>;
}

export interface JobsOptions {
  /** Does the work. `again`: the index was busy, so it is tried later. Must not throw. */
  run(key: string, signal: AbortSignal): Promise<'done' | 'again'>;
}

export function createJobs({ run }: JobsOptions): Jobs {
  const waiting = new Set<string>();
  const running = new Map<string, { abort: AbortController; ended: Promise<void> }>();
  const closing = new AbortController();

  const work = async (key: string, signal: AbortSignal): Promise<void> => {
    const outcome = await run(key, signal);
    if (outcome === 'done' || signal.aborted) return;
    await sleep(jobRetryMs, undefined, { signal }).catch(() => undefined);
    if (!signal.aborted) waiting.add(key);
  };
  const next = (): void => {
    for (const key of waiting) {
      if (running.size >= jobsAtOnceMax || closing.signal.aborted) return;
      if (running.has(key)) continue;
      waiting.delete(key);
      const abort = new AbortController();
      const ended = work(key, abort.signal).finally(() => {
        running.delete(key);
        next();
      });
      running.set(key, { abort, ended });
    }
  };
  const stop = async (key: string): Promise<void> => {
    waiting.delete(key);
    const job = running.get(key);
    job?.abort.abort();
    await job?.ended;
  };
  return {
    add(key) {
      waiting.add(key);
      next();
    },
    stop,
    async close() {
      closing.abort();
      waiting.clear();
      await Promise.all([...running.keys()].map(stop));
    },
  };
}
