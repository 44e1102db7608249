import type { Random } from '../../fuzz/random.ts';
import type { World } from '../world/world.ts';
import type { Book } from './book.ts';

/** What callers of the world know: what was acknowledged to them, and what they paid. */
export interface Memory {
  readonly keys: readonly [string, string];
  /** Codes that callers may get in this storm, beside those of any. */
  readonly refusals: ReadonlySet<string>;
  readonly records: Book;
  readonly documents: Book;
  /** API keys made and revoked during the storm, by token. */
  readonly apiKeys: Book;
  readonly backups: Book;
  /** Documents in the provider's folder, by name. */
  readonly files: Map<string, string>;
  /** Receipts of answers that reached their caller. */
  readonly receipts: Set<string>;
  /** Questions that were asked under a key of their own and got no answer yet. */
  readonly unanswered: Map<string, { apiKey: string }>;
  /** Number of the next version of anything. */
  version: number;
  readonly tally: Tally;
  /** What callers saw that breaks a promise. */
  readonly violations: string[];
}

export interface Tally {
  asked: number;
  answered: number;
  /** Answers that were paid, and came to their caller later. */
  recovered: number;
  writes: number;
  refused: number;
  restarts: number;
}

/** What one worker of the load has. It does one thing at a time, until `over`. */
export interface Work {
  readonly world: World;
  readonly memory: Memory;
  readonly random: Random;
  over(): boolean;
}
