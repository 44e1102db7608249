import { withoutPlaces } from '../../gateway/error-reply.ts';
import { isTributaryError, type ErrorCode } from '@tributary/schemas';
import type { OwnIndexes } from '../../own/types.ts';
import type { EntryRow } from './types.ts';

/** The result for a file; `again` when the index was busy. */
export type Processed = Pick<EntryRow, 'status' | 'usage' | 'error'> | 'again';

/** The index is busy, or the node is ending. */
const LATER: ReadonlySet<ErrorCode> = new Set(['STORE_BUSY', 'STORE_CLOSED', 'WORKER_CRASHED']);
const UNSUPPORTED: ReadonlySet<ErrorCode> = new Set(['PARSE_UNSUPPORTED', 'PARSE_ENCRYPTED']);

/** Adds a file to the index of its store. Throws only for the signal. */
export async function processFile(
  own: Pick<OwnIndexes, 'addFile' | 'describe'>,
  index: string,
  { document, mediaType, attributes, chunkTokens, writer }: EntryRow,
  path: string,
  signal: AbortSignal,
): Promise<Processed> {
  try {
    const options = { metadata: attributes ?? {}, chunkTokens, signal };
    const { bytes, records } = await own.addFile(index, { path, name: document, mediaType }, options, () => undefined, writer);
    const { dimension } = own.describe(index);
    return { status: 'completed', usage: bytes + records * dimension * Float32Array.BYTES_PER_ELEMENT, error: null };
  } catch (error) {
    signal.throwIfAborted();
    const code = isTributaryError(error) ? error.code : 'INTERNAL';
    if (LATER.has(code)) return 'again';
    return {
      status: 'failed',
      usage: 0,
      error: { code: wordFor(code), message: isTributaryError(error) ? withoutPlaces(code, error.message) : 'the node failed' },
    };
  }
}

function wordFor(code: ErrorCode): NonNullable<EntryRow['error']>['code'] {
  if (UNSUPPORTED.has(code)) return 'unsupported_file';
  return code.startsWith('PARSE_') || code === 'RECORD_INVALID' || code === 'METADATA_INVALID' ? 'invalid_file' : 'server_error';
}
