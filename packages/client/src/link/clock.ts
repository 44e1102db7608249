import type { LinkClock } from './types.ts';

/** Node's own timers; no wait at all is the next turn of the event loop. */
export const systemClock: LinkClock = {
  after(ms, run) {
    if (ms === 0) {
      const turn = setImmediate(run);
      return () => clearImmediate(turn);
    }
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
