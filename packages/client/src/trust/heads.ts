import { ClassicLevel } from 'classic-level';
import { checkShape, count, hash, indexId } from '@tributary/schemas';
import { z } from 'zod';
import { ClientError } from '../errors.ts';

const headSchema = z.strictObject({ index: indexId, size: count, root: hash });
/** Size and root of a log as last seen: 40 bytes a log against rollback and fork. */
export type Head = z.infer<typeof headSchema>;

/** Remembers the newest head seen of each log, over restarts. */
export interface HeadStore {
  get(index: string): Head | null;
  /** Durable against a kill of this process once resolved. */
  set(head: Head): Promise<void>;
  close(): Promise<void>;
}

export async function openHeadStore(directory: string): Promise<HeadStore> {
  const db = new ClassicLevel<string, string>(directory);
  try {
    await db.open();
  } catch (cause) {
    throw new ClientError(
      'WALLET_DAMAGED',
      `the log heads in ${directory} cannot be opened: another process holds them, or the files are damaged`,
      { cause },
    );
  }
  const heads = new Map<string, Head>();
  try {
    for await (const [index, row] of db.iterator()) heads.set(index, checkShape(headSchema, JSON.parse(row), 'stored log head'));
  } catch (cause) {
    await db.close();
    throw new ClientError('WALLET_DAMAGED', `the log heads in ${directory} hold a row that cannot be read`, { cause });
  }
  return {
    get: (index) => heads.get(index) ?? null,
    set: (head) => {
      heads.set(head.index, head);
      return db.put(head.index, JSON.stringify(head));
    },
    close: () => db.close(),
  };
}
