/** Timers. Tests and the simulation pass their own. */
export interface Clock {
  /** Runs `run` once after `ms` milliseconds. The returned function cancels it. */
  after(ms: number, run: () => void): () => void;
}

/** Node's own timers. A wait of 0 ends in the next turn of the event loop. */
export const systemClock: Clock = {
  after(ms, run) {
    if (ms === 0) {
      const turn = setImmediate(run);
      return () => clearImmediate(turn);
    }
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
