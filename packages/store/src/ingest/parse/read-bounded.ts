import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

import { StoreError } from '../../errors.ts';
import { tooLarge } from './parse-bytes.ts';

/**
 * Reads at most `bytesMax` bytes of a regular file. `modified` is its modification time in milliseconds, taken before
 * the read.
 *
 * @throws StoreError PARSE_UNREADABLE, PARSE_TOO_LARGE
 */
export async function readBounded(path: string, bytesMax: number): Promise<{ bytes: Uint8Array; modified: number }> {
  try {
    // Without O_NONBLOCK, opening a named pipe would wait for a writer for ever.
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const facts = await file.stat();
    if (!facts.isFile()) throw new StoreError('PARSE_UNREADABLE', 'It is not a regular file.');
    if (facts.size > bytesMax) throw tooLarge(facts.size, bytesMax);
    const bytes = Buffer.alloc(facts.size);
    let length = 0;
    while (length < bytes.length) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return { bytes: bytes.subarray(0, length), modified: Math.floor(facts.mtimeMs) };
  } catch (error) {
    if (error instanceof StoreError) throw error;
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    throw new StoreError('PARSE_UNREADABLE', `The file cannot be read${code}. Check that it exists and its permissions.`, {
      cause: error,
    });
  }
}

/** A file changed this soon after it was read may keep the same modification time. */
const CLOCK_GRAIN_MS = 2_000;

/** A modification time that no later change can share; 0 when one could. */
export const reliableTime = (modified: number, now: number): number => (now - modified > CLOCK_GRAIN_MS ? modified : 0);
