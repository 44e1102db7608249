import { RowsError } from '@tributary/runtime';
import { TributaryError } from '@tributary/schemas';
import { ClientError } from './errors.ts';

/** What a write that the disk refused means to whoever asks. */
export function writeRefused(what: string, cause: unknown): TributaryError {
  if (isReadOnly(cause))
    return new TributaryError('READ_ONLY', `${what} cannot be written: its file system is read-only, so nothing is paid`, {
      cause,
    });
  return new ClientError('WALLET_WRITE', `${what} could not be written; free space or check the disk, then ask again`, { cause });
}

/** Whether rows cannot be opened or written because of where they are. */
export const isReadOnly = (cause: unknown): boolean => cause instanceof RowsError && cause.trouble === 'read-only';
