import type { Random } from './random.ts';

/** One entrance: how to feed it, and whether it still serves honest callers. */
export interface Target {
  /**
   * Feeds one input and waits until it has been handled.
   *
   * @throws Error when something happened that must not
   */
  feed(random: Random): Promise<void>;
  /**
   * Checks that an honest caller is served.
   *
   * @throws Error when it is not
   */
  honest(): Promise<void>;
  close(): Promise<void>;
}

export type OpenTarget = () => Promise<Target>;
