import { utf8Length, type LimitsReply, type RecordBody } from '@tributary/schemas';

import { textRecordsPerWrite } from './limits.ts';

/** Bytes of a body around its records. */
const FRAME_BYTES = 4_096;

/**
 * Groups records into request bodies within the node's limits. Batches of texts that the node embeds are small, so that
 * progress shows. A record that is too long goes alone, and the node refuses it.
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
    // Of two records with one id the later wins, as in two calls.
    if (batch.length > 0 && (isFull || ids.has(record.id))) {
      yield batch;
      ids.clear();
      batch = [];
      [bytes, embedded] = [FRAME_BYTES, 0];
    }
    batch.push(record);
    ids.add(record.id);
    bytes += size;
    if (record.vector === undefined && record.sparse === undefined) embedded += 1;
  }
  if (batch.length > 0) yield batch;
}
