import type { Random } from '../fuzz/random.ts';

/** What one round did and what it found. */
export interface RoundResult {
  /** Events by name: kills, answers, outcomes of damage. */
  counts: Readonly<Record<string, number>>;
  /** Broken promises, each in one line. */
  violations: readonly string[];
}

/** A kind of storm. A round depends only on its random source, apart from timing. */
export interface Storm {
  round(random: Random): Promise<RoundResult>;
  close(): Promise<void>;
}

export type OpenStorm = (log: (line: string) => void) => Promise<Storm>;
