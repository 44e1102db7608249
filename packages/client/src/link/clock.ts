import type { LinkClock } from './types.ts';

/** Node's own timers. */
export const systemClock: LinkClock = {
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
