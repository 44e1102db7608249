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
  /** @param number of the round, from 0 */
  round(random: Random, number: number): Promise<RoundResult>;
  /** What all rounds together did, in lines. Default: the counts. */
  summary?(counts: Readonly<Record<string, number>>): string[];
  close(): Promise<void>;
}

export type OpenStorm = (log: (line: string) => void) => Promise<Storm>;
