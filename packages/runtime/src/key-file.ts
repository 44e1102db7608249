import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { TributaryError } from '@tributary/schemas';
import { syncFolder } from './files.ts';

const HEX_LINE = /^[0-9a-f]{64}\n$/;

/**
 * Reads a 32-byte secret from a file of 64 hex digits and a newline. Its mode is 0600: a file that others may read is
 * refused.
 *
 * @param randomBytes for a file that does not exist; null: such a file is missing
 * @throws TributaryError KEY_FILE
 */
export async function openKeyFile(path: string, randomBytes: ((length: number) => Uint8Array) | null): Promise<Uint8Array> {
  const text = await readFile(path, 'latin1').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new TributaryError('KEY_FILE', `the key file ${path} cannot be read: ${error.message}`, { cause: error });
  });
  if (text === null && randomBytes !== null) return createKey(path, randomBytes);
  if (text === null) throw new TributaryError('KEY_FILE', `the key file ${path} is missing; restore it from a backup`);
  if (!HEX_LINE.test(text)) {
    throw new TributaryError(
      'KEY_FILE',
      `the key file ${path} is damaged: it must hold 64 hex digits and a newline; restore it from a backup`,
    );
  }
  const { mode } = await stat(path);
  if ((mode & 0o077) !== 0) throw new TributaryError('KEY_FILE', `others may read the key file ${path}; run: chmod 600 ${path}`);
  return Buffer.from(text.trim(), 'hex');
}

/**
 * The file appears as a whole or not at all, and its name is synced before anything is signed with the key. A restart,
 * even after a power cut, must find the key that is in use.
 */
async function createKey(path: string, randomBytes: (length: number) => Uint8Array): Promise<Uint8Array> {
  const folder = dirname(path);
  const made = await mkdir(folder, { recursive: true, mode: 0o700 });
  const secret = randomBytes(32);
  const draft = `${path}.${randomUUID()}.new`;
  try {
    const file = await open(draft, 'w', 0o600);
    try {
      await file.writeFile(`${Buffer.from(secret).toString('hex')}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await link(draft, path); // fails if another process was first
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return await openKeyFile(path, randomBytes);
    throw new TributaryError('KEY_FILE', `the key file ${path} could not be written; free space or check the disk`, { cause });
  } finally {
    await rm(draft, { force: true });
  }
  await syncFolder(folder);
  if (made !== undefined) await syncFolder(dirname(folder));
  return secret;
}
