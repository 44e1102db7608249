import { quantile } from '../harness.ts';
import type { LoadOptions, LoadResult } from './types.ts';

/** Keeps `inFlight` questions in flight for some time. `ask` resolves with the cost of its answer. */
export async function load({ inFlight, milliseconds }: LoadOptions, ask: (turn: number) => Promise<bigint>): Promise<LoadResult> {
  const latencies: number[] = [];
  const failures: string[] = [];
  let charged = 0n;
  let turn = 0;
  const started = performance.now();
  const lane = async (): Promise<void> => {
    while (performance.now() - started < milliseconds) {
      const asked = performance.now();
      turn += 1;
      try {
        const cost = await ask(turn);
        charged += cost;
        latencies.push(performance.now() - asked);
      } catch (error) {
        failures.push(error instanceof Error ? error.message : String(error));
      }
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  const seconds = (performance.now() - started) / 1_000;
  return {
    rate: latencies.length / seconds,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    answers: latencies.length,
    charged,
    failures: failures.length,
    failure: failures[0] ?? null,
  };
}
