import type { ErrorCode } from '@tributary/schemas';

/** Codes of calls that read an own index. */
export const OWN_READ: readonly ErrorCode[] = [
  'INPUT_SHAPE',
  'INPUT_TOO_LARGE',
  'INDEX_NOT_FOUND',
  'STORE_BUSY',
  'STORE_CLOSED',
  'STORE_DAMAGED',
  'STORE_FORMAT',
  'FILE_DAMAGED',
  'DATA_FOLDER',
  'STORE_LOCKED',
  'WORKER_CRASHED',
];

/** Codes of calls that write to one. */
export const OWN_WRITE: readonly ErrorCode[] = [...OWN_READ, 'OVERLOADED', 'DISK_WRITE'];

/** Codes of calls by a writer who may not write there. */
export const WRITER: readonly ErrorCode[] = ['WRITER_KEY', 'WRITER_NOT_DELEGATED', 'WRITER_REVOKED', 'WRITER_SCOPE'];

/** Codes of calls that write records. */
export const RECORD_WRITE: readonly ErrorCode[] = [
  ...OWN_WRITE,
  'RECORD_INVALID',
  'METADATA_INVALID',
  'VECTOR_DIMENSION',
  'VECTOR_KIND',
  'VECTOR_ZERO',
  'VECTOR_NOT_FINITE',
  'WRITE_TOO_LARGE',
  'EMBED_FAILED',
  ...WRITER,
];
