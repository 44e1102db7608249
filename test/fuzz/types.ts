import type { Random } from './random.ts';

/** One way in: what is fed to it, and whether it still serves honest callers. */
export interface Target {
  /** Feeds one input and waits until it has been dealt with. @throws Error when something happened that must not */
  feed(random: Random): Promise<void>;
  /** An honest caller is served. @throws Error when not */
  honest(): Promise<void>;
  close(): Promise<void>;
}

export type OpenTarget = () => Promise<Target>;
