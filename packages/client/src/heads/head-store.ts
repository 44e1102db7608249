import { ClassicLevel } from 'classic-level';
import { checkShape, count, hash, indexId } from '@tributary/schemas';
import { z } from 'zod';
import { headLockWaitMs, headLockPauseMs } from './limits.ts';
import { ClientError } from '../errors.ts';

const headSchema = z.strictObject({ index: indexId, size: count, root: hash });
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

/**
 * Heads in a folder. A `shared` store opens the folder only for each step, so that commands that run at the same time
 * use the same heads.
 *
 * @throws ClientError WALLET_DAMAGED
 */
export async function openHeadStore(directory: string, options: { shared?: boolean; waitMs?: number } = {}): Promise<HeadStore> {
  const { shared = false, waitMs = headLockWaitMs } = options;
  let heads = new Map<string, Head>();
  const open = async () => {
    const db = await openDb(directory, waitMs);
    heads = await readAll(db, directory);
    return db;
  };
  const own = await open();
  if (shared) await own.close();
  return {
    get: (index) => heads.get(index) ?? null,
    replace: async (known, next) => {
      const db = shared ? await open() : own;
      try {
        if (!swap(heads, known, next)) return false;
        await db.put(next.index, JSON.stringify(next));
        return true;
      } finally {
        if (shared) await db.close();
      }
    },
    close: async () => (shared ? undefined : own.close()),
  };
}

/** Compares and swaps in one turn. */
function swap(heads: Map<string, Head>, known: Head | null, next: Head): boolean {
  const newest = heads.get(next.index);
  if (newest?.size !== known?.size || newest?.root !== known?.root) return false;
  heads.set(next.index, next);
  return true;
}

async function openDb(directory: string, waitMs: number): Promise<ClassicLevel> {
  const db = new ClassicLevel(directory);
  for (let waited = 0; ; waited += headLockPauseMs) {
    try {
      await db.open();
      return db;
    } catch (cause) {
      const locked = (cause as { cause?: { code?: string } }).cause?.code === 'LEVEL_LOCKED';
      if (!locked || waited >= waitMs)
        throw new ClientError(
          'WALLET_DAMAGED',
          `the log heads in ${directory} cannot be opened: another process holds them, the folder cannot be written, or the files are damaged`,
          { cause },
        );
      await new Promise((resolve) => setTimeout(resolve, headLockPauseMs));
    }
  }
}

async function readAll(db: ClassicLevel, directory: string): Promise<Map<string, Head>> {
  const heads = new Map<string, Head>();
  try {
    for await (const [index, row] of db.iterator()) heads.set(index, checkShape(headSchema, JSON.parse(row), 'stored log head'));
    return heads;
  } catch (cause) {
    await db.close();
    throw new ClientError('WALLET_DAMAGED', `the log heads in ${directory} hold a row that cannot be read`, { cause });
  }
}
