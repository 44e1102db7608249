import type { recoveredFacts } from '@tributary/schemas';
import type { z } from 'zod';

/** Where the answers are that were paid and that nobody got. */
export interface RecoveredSource {
  list(): Promise<z.infer<typeof recoveredFacts>[]>;
  /** The bundle with the answer. */
  proof(receipt: string): Promise<unknown>;
  forget(receipt: string): Promise<void>;
  close(): Promise<void>;
}
