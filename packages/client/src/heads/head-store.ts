import { openRows, RowsError, type Rows } from '@tributary/runtime';
import { checkShape } from '@tributary/schemas';
import { headLockWaitMs, headLockPauseMs } from './limits.ts';
import { ClientError } from '../errors.ts';
import { isReadOnly, writeRefused } from '../write-refused.ts';
import { headSchema, swap, type Head, type HeadStore } from './memory-heads.ts';

/**
 * Heads in a folder. A `shared` store opens the folder only for each step, so that commands that run at the same time
 * use the same heads. On a file system that is read-only, newer heads are kept in memory: free questions are answered
 * there, and a rollback is noticed until the end, and later against what the folder has.
 *
 * @throws ClientError WALLET_DAMAGED
 */
export async function openHeadStore(directory: string, options: { shared?: boolean; waitMs?: number } = {}): Promise<HeadStore> {
  const { shared = false, waitMs = headLockWaitMs } = options;
  let heads = new Map<string, Head>();
  const open = async () => {
    const db = await openDb(directory, shared, waitMs);
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
        await write(db, next);
        return true;
      } finally {
        if (shared) await db.close();
      }
    },
    close: async () => (shared ? undefined : own.close()),
  };
}

/** @param here steps of a shared store are too short for a thread */
async function openDb(directory: string, here: boolean, waitMs: number): Promise<Rows> {
  for (let waited = 0; ; waited += headLockPauseMs) {
    try {
      return await openRows(directory, { here });
    } catch (cause) {
      if (isReadOnly(cause)) throw writeRefused('the newest head of a log', cause);
      const locked = cause instanceof RowsError && cause.trouble === 'locked';
      if (!locked || waited >= waitMs)
        throw new ClientError(
          'WALLET_DAMAGED',
          `the log heads in ${directory} cannot be opened: another process holds them (stop it), the folder cannot be written, or the files are damaged (restore a backup)`,
          { cause },
        );
      await new Promise((resolve) => setTimeout(resolve, headLockPauseMs));
    }
  }
}

async function write(db: Rows, next: Head): Promise<void> {
  if (db.readOnly) return;
  try {
    await db.batch([{ key: Buffer.from(next.index), value: Buffer.from(JSON.stringify(next)) }]);
  } catch (cause) {
    throw writeRefused('the newest head of a log', cause);
  }
}

/** Bounds of all keys: UTF-8 has no byte 0xff. */
const ALL = { gte: Buffer.of(0), lt: Buffer.of(0xff) };

async function readAll(db: Rows, directory: string): Promise<Map<string, Head>> {
  const heads = new Map<string, Head>();
  try {
    for await (const [index, row] of db.scan(ALL))
      heads.set(index.toString(), checkShape(headSchema, JSON.parse(row.toString()), 'stored log head'));
    return heads;
  } catch (cause) {
    await db.close();
    throw new ClientError('WALLET_DAMAGED', `the log heads in ${directory} hold a row that cannot be read; restore a backup`, {
      cause,
    });
  }
}
