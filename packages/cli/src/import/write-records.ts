import type { OwnIndexClient } from '@tributary/client';
import { isTributaryError, type ErrorCode, type RecordBody } from '@tributary/schemas';
import { patiently, type Patience } from './retry.ts';
import { refuse } from './to-record.ts';
import type { Refused } from './types.ts';

export interface Written {
  count: number;
  /** By their ids as they are. */
  refused: Refused[];
  /** Sequence of the last write; 0 when nothing was written. */
  sequence: number;
}

/** Refusals that concern a record, so that the others of its page can be written. */
const ABOUT_A_RECORD: ReadonlySet<ErrorCode> = new Set([
  'RECORD_INVALID',
  'METADATA_INVALID',
  'VECTOR_DIMENSION',
  'VECTOR_NOT_FINITE',
  'VECTOR_ZERO',
  'VECTOR_KIND',
  'TEXT_TOO_LONG',
  'INPUT_SHAPE',
  'INPUT_TOO_LARGE',
  'WRITE_TOO_LARGE',
]);

/**
 * Writes the records of a page. On the node's disk once resolved. A record that the node refuses is found by halving,
 * because a write is accepted as a whole or not at all.
 */
export async function writeRecords(
  index: Pick<OwnIndexClient, 'upsert'>,
  namespace: string,
  records: readonly RecordBody[],
  patience: Patience,
): Promise<Written> {
  if (records.length === 0) return { count: 0, refused: [], sequence: 0 };
  try {
    const { sequence } = await patiently(() => index.upsert(records, { namespace, signal: patience.signal }), patience);
    return { count: records.length, refused: [], sequence };
  } catch (error) {
    if (!isTributaryError(error) || !ABOUT_A_RECORD.has(error.code)) throw error;
    if (records.length === 1) return { count: 0, refused: [refuse(records[0]!.id, error.message)], sequence: 0 };
  }
  const middle = records.length >>> 1;
  const first = await writeRecords(index, namespace, records.slice(0, middle), patience);
  const second = await writeRecords(index, namespace, records.slice(middle), patience);
  return {
    count: first.count + second.count,
    refused: [...first.refused, ...second.refused],
    sequence: Math.max(first.sequence, second.sequence),
  };
}
