import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { Index } from '@tributary/store';
import { quantile, timed } from '../harness.ts';
import type { Filled } from './types.ts';

const PAUSE_MS = 5;

/**
 * Asks the index's worker for something short, again and again, and watches the event loop of this thread. The call
 * that is returned ends it, and gives the longest waits in milliseconds.
 */
export function watchStalls(index: Index): () => Promise<Pick<Filled, 'worker' | 'main'>> {
  const loop = monitorEventLoopDelay({ resolution: PAUSE_MS });
  loop.enable();
  const waits: number[] = [];
  let isWatching = true;
  const watching = (async () => {
    while (isWatching) {
      waits.push(await timed(() => index.stats()));
      await delay(PAUSE_MS);
    }
  })();
  return async () => {
    isWatching = false;
    loop.disable();
    await watching;
    return {
      worker: { p99: quantile(waits, 0.99), max: Math.max(...waits) },
      main: { p99: loop.percentile(99) / 1e6, max: loop.max / 1e6 },
    };
  };
}
