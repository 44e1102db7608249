import { createHash } from 'node:crypto';
import { apiKeysDocument, isTributaryError, parseOrdered, type ApiKeyRecord } from '@tributary/schemas';
import { RelayError } from '../errors.ts';
import { apiKeysFileBytesMax } from './limits.ts';

const TAG = 'tributary/api-keys/v1\n';

/** The exact text of the key file (docs/spec/api-keys.md). */
export function writeKeys(keys: readonly ApiKeyRecord[]): string {
  const line = JSON.stringify({ v: 1, type: 'tributary/api-keys', keys });
  return `${line}\n${checksum(line)}\n`;
}

/**
 * Reads the text of the key file.
 *
 * @throws RelayError API_KEYS_DAMAGED: an unreadable list must not count as an empty one
 */
export function readKeys(file: string, path: string): ApiKeyRecord[] {
  const [line = '', sum, end, ...more] = file.split('\n');
  if (end !== '' || more.length > 0 || sum !== checksum(line)) throw damaged(path, 'its checksum is wrong');
  try {
    return parseOrdered(apiKeysDocument, line, 'the list', apiKeysFileBytesMax).keys;
  } catch (cause) {
    if (!isTributaryError(cause)) throw cause;
    throw damaged(path, cause.message, cause);
  }
}

function damaged(path: string, why: string, cause?: unknown): RelayError {
  const message = `the API keys in ${path} cannot be read: ${why}; restore the file from a backup`;
  return new RelayError('API_KEYS_DAMAGED', message, { cause });
}

const checksum = (line: string): string => createHash('sha256').update(TAG).update(line).digest('hex');
