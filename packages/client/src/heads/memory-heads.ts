// Without files: a browser keeps heads in memory.
import { count, hash, indexId } from '@tributary/schemas';
import { z } from 'zod';

export const headSchema = z.strictObject({ index: indexId, size: count, root: hash });
/** Size and root of a log as last seen: 40 bytes per log that reveal rollbacks and forks. */
export type Head = z.infer<typeof headSchema>;

/** Stores the newest seen head of each log. */
export interface HeadStore {
  get(index: string): Head | null;
  /**
   * Replaces `known` by `next`; once resolved it survives a kill of this process. Returns false and writes nothing when
   * the newest head of that log is a different one by now; `get` then returns that.
   */
  replace(known: Head | null, next: Head): Promise<boolean>;
  close(): Promise<void>;
}

/** Heads in memory only. */
export function memoryHeads(): HeadStore {
  const heads = new Map<string, Head>();
  return {
    get: (index) => heads.get(index) ?? null,
    replace: async (known, next) => swap(heads, known, next),
    close: async () => undefined,
  };
}

/** Compares and swaps in one turn. */
export function swap(heads: Map<string, Head>, known: Head | null, next: Head): boolean {
  const newest = heads.get(next.index);
  if (newest?.size !== known?.size || newest?.root !== known?.root) return false;
  heads.set(next.index, next);
  return true;
}
