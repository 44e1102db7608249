import { utf8Length, type LimitsReply, type RecordBody } from '@tributary/schemas';

import { textRecordsPerWrite } from './limits.ts';

/** Bytes of a body around its records. */
const FRAME_BYTES = 4_096;

/**
 * Cuts records into bodies that the node reads: not too many, not too long, and few enough where it embeds that
 * progress shows. A record that is too long by itself goes alone, and the node says so.
 */
export async function* inBatches(
  records: Iterable<RecordBody> | AsyncIterable<RecordBody>,
  { recordsPerUpsert, bodyBytes }: Pick<LimitsReply, 'recordsPerUpsert' | 'bodyBytes'>,
): AsyncGenerator<RecordBody[]> {
  const ids = new Set<string>();
  let batch: RecordBody[] = [];
  let [bytes, embedded] = [FRAME_BYTES, 0];
  for await (const record of records) {
    const size = utf8Length(JSON.stringify(record)) + 1;
    const isFull = batch.length >= recordsPerUpsert || bytes + size > bodyBytes || embedded >= textRecordsPerWrite;
    // The later of two records of one id wins, as in two calls.
    if (batch.length > 0 && (isFull || ids.has(record.id))) {
      yield batch;
      ids.clear();
      batch = [];
      [bytes, embedded] = [FRAME_BYTES, 0];
    }
    batch.push(record);
    ids.add(record.id);
    bytes += size;
    if (record.vector === undefined) embedded += 1;
  }
  if (batch.length > 0) yield batch;
}
