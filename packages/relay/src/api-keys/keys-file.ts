import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { replaceFile } from '@tributary/runtime';
import { TributaryError, type ApiKeyRecord } from '@tributary/schemas';
import { RelayError } from '../errors.ts';
import type { SpentDatabase } from './budgets.ts';
import { readKeys, writeKeys } from './keys-text.ts';

/** The file of API keys. The database beside it knows which content is the newest. */
export interface KeysFile {
  /**
   * Null when there is no file.
   *
   * @throws RelayError API_KEYS_DAMAGED; TributaryError KEY_FILE when others may read the file
   */
  read(): Promise<ApiKeyRecord[] | null>;
  /** Resolves once the list is on disk. @throws TributaryError DISK_WRITE */
  write(keys: readonly ApiKeyRecord[]): Promise<void>;
}

/** Key of the row that has the hashes of the newest content, and of one that may follow it. Ids of keys sort before. */
const ROW = Buffer.from('~file');
const AFTER = Buffer.from('~filf');
const HASH_BYTES = 32;

/**
 * A change first adds the hash of the new content to the row, then replaces the file, then removes the old hash. An
 * older copy of the file, in which a revoked key still holds, is therefore recognised.
 */
export async function openKeysFile(path: string, database: SpentDatabase): Promise<KeysFile> {
  const accepted = await readRow(database);
  const accept = (hashes: readonly Buffer[]) => database.batch([{ key: ROW, value: Buffer.concat(hashes) }]);
  let current: Buffer | null = null;
  return {
    async read() {
      const text = await readOwn(path);
      if (text === null) return null;
      const hash = hashOf(text);
      if (accepted.length > 0 && !accepted.some((one) => one.equals(hash)))
        throw new RelayError(
          'API_KEYS_DAMAGED',
          `the file of API keys ${path} is an older copy, or was changed; restore the folder from a backup`,
        );
      const keys = readKeys(text, path);
      current = hash;
      return keys;
    },
    async write(keys) {
      const text = writeKeys(keys);
      const next = hashOf(text);
      await accept(current === null ? [next] : [current, next]);
      await replaceFile(path, text);
      current = next;
      await accept([next]);
    },
  };
}

async function readRow(database: SpentDatabase): Promise<Buffer[]> {
  for await (const [, value] of database.scan({ gte: ROW, lt: AFTER }))
    return Array.from({ length: value.length / HASH_BYTES }, (_, at) => value.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES));
  return [];
}

const hashOf = (text: string): Buffer => createHash('sha256').update(text).digest();

async function readOwn(path: string): Promise<string | null> {
  const file = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return null;
    throw new TributaryError('KEY_FILE', `the file of API keys ${path} cannot be read: ${cause.message}`, { cause });
  });
  if (file !== null && ((await stat(path)).mode & 0o077) !== 0)
    throw new TributaryError('KEY_FILE', `others may read or change the file of API keys ${path}; run: chmod 600 ${path}`);
  return file;
}
