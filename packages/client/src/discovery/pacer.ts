import type { Clock } from '../clock.ts';
import { statementsPauseMs, statementsPerSlice } from './limits.ts';

/**
 * Turns for work on data from strangers: first come, first served, so that peers with much work take turns with peers
 * that have little. After each slice the event loop gets a pause, however much is waiting.
 */
export function createPacer(clock: Clock): () => Promise<void> {
  let waiting: (() => void)[] = [];
  let left = statementsPerSlice;
  let paused = false;
  const pause = (): void => {
    if (paused) return;
    paused = true;
    clock.after(statementsPauseMs, () => {
      paused = false;
      const next = waiting.slice(0, statementsPerSlice);
      waiting = waiting.slice(next.length);
      left = statementsPerSlice - next.length;
      if (next.length > 0) pause();
      for (const run of next) run();
    });
  };
  return () => {
    pause();
    if (left === 0) return new Promise((resolve) => waiting.push(resolve));
    left -= 1;
    return Promise.resolve();
  };
}
