import { quantile } from '../harness.ts';
import type { Interval } from './types.ts';

const TICK_MS = 2;

/**
 * Asks at a fixed rate, however long answers take. A latency begins when its question was due, so that a stalled server
 * is charged for all that it kept waiting. `ask` resolves with the cost of its answer.
 *
 * @param perSecond questions per second, evenly spread
 */
export function startArrivals(perSecond: number, ask: (turn: number) => Promise<bigint>) {
  const started = performance.now();
  const waiting = new Set<Promise<void>>();
  let turn = 0;
  let interval = emptyInterval();
  const askOne = async (dueMs: number, number: number): Promise<void> => {
    try {
      const cost = await ask(number);
      interval.charged += cost;
      interval.latencies.push(performance.now() - dueMs);
    } catch (error) {
      const code = (error as { code?: string }).code ?? 'NO_CODE';
      interval.errors[code] = (interval.errors[code] ?? 0) + 1;
    }
  };
  const timer = setInterval(() => {
    for (let dueMs = 0; ;) {
      dueMs = started + (turn / perSecond) * 1_000;
      if (dueMs > performance.now()) break;
      turn += 1;
      interval.asked += 1;
      const asking = askOne(dueMs, turn).finally(() => waiting.delete(asking));
      waiting.add(asking);
    }
  }, TICK_MS);
  const next = (): Interval => {
    const { latencies, ...counts } = interval;
    interval = emptyInterval();
    const times = { p50Ms: quantile(latencies, 0.5), p99Ms: quantile(latencies, 0.99) };
    return { ...counts, answers: latencies.length, ...times, waiting: waiting.size };
  };
  return {
    /** What happened since the last call. */
    next,
    /** Asks no more, waits for the answers, and returns what happened since the last call. */
    async stop(): Promise<Interval> {
      clearInterval(timer);
      await Promise.all(waiting);
      return next();
    },
  };
}

function emptyInterval() {
  return { asked: 0, charged: 0n, latencies: [] as number[], errors: {} as Record<string, number> };
}
