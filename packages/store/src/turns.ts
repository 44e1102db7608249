import { filesWaitingMax } from './limits.ts';

/** Who may change the documents of an index: one task at a time, because two would each delete what the other finds. */
export interface Turns {
  /**
   * For a long task, which starts at once.
   *
   * @throws `busy()` while another runs
   */
  alone<T>(run: () => Promise<T>): Promise<T>;
  /**
   * For a short task, which waits for earlier ones.
   *
   * @throws `busy()` while a long one runs, `full()` when too many wait
   */
  next<T>(run: () => Promise<T>): Promise<T>;
  /** True while a long task runs. */
  taken(): boolean;
}

export function createTurns(busy: () => Error, full: () => Error): Turns {
  let long = false;
  let short = 0;
  let last: Promise<unknown> = Promise.resolve();
  return {
    async alone(run) {
      if (long || short > 0) throw busy();
      long = true;
      try {
        return await run();
      } finally {
        long = false;
      }
    },
    async next(run) {
      if (long) throw busy();
      if (short >= filesWaitingMax) throw full();
      short += 1;
      const done = last.then(run);
      last = done.catch(() => undefined);
      try {
        return await done;
      } finally {
        short -= 1;
      }
    },
    taken: () => long,
  };
}
