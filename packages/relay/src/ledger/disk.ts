import type { HeadFile } from '@tributary/runtime';
import type { Database } from '@tributary/store';
import { isTributaryError } from '@tributary/schemas';
import { RelayError } from '../errors.ts';

/** The operations that a ledger needs from its database. */
export type LedgerDatabase = Pick<Database, 'readOnly' | 'get' | 'scan' | 'batch' | 'close'>;

/** Where a ledger is stored. Both parts are reopened after a failed write. */
export interface LedgerDisk {
  openDatabase(): Promise<LedgerDatabase>;
  openHead(): Promise<HeadFile>;
  /** Where checkpoints are kept. Without it, every opening reads the whole ledger. */
  readonly checkpoint?: CheckpointFile;
}

/** One file that is always replaced as a whole. */
export interface CheckpointFile {
  /** Null when there is no file. */
  read(): Promise<Uint8Array | null>;
  write(bytes: Uint8Array): Promise<void>;
}

/** Turns a disk error into an error of the ledger. Errors that already have a ledger code stay. */
export function ledgerError(error: unknown): Error {
  if (error instanceof RelayError) return error;
  const code = isTributaryError(error) ? error.code : undefined;
  if ((code === 'STORE_LOCKED' || code === 'READ_ONLY') && error instanceof Error) return error;
  const detail = error instanceof Error ? error.message : String(error);
  if (code === 'STORE_DAMAGED' || isInputError(code)) {
    return new RelayError('LEDGER_DAMAGED', `the ledger cannot be read: ${detail}`, { cause: error });
  }
  return new RelayError('LEDGER_WRITE', `the ledger's disk failed: ${detail}`, { cause: error });
}

export function damaged(message: string): RelayError {
  return new RelayError(
    'LEDGER_DAMAGED',
    `${message}; nothing was changed; restore a backup with a new receipt key (docs/spec/ledger.md)`,
  );
}

/** An entry whose hash is right but whose text this version cannot read. */
const isInputError = (code: unknown): boolean => typeof code === 'string' && code.startsWith('INPUT_');
