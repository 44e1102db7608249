import { setTimeout as sleep } from 'node:timers/promises';

export type Pace = (records: number, signal: AbortSignal) => Promise<void>;

/** Waits so that no more than `rate` records a second pass on average; null never waits. */
export function createPace(
  rate: number | null,
  now: () => number = performance.now.bind(performance),
  pause: (ms: number, signal: AbortSignal) => Promise<unknown> = (ms, signal) => sleep(ms, undefined, { signal }),
): Pace {
  let free = now();
  return async (records, signal) => {
    if (rate === null) return;
    const wait = free - now();
    free = Math.max(free, now()) + (records / rate) * 1_000;
    if (wait > 0) await pause(wait, signal);
  };
}
