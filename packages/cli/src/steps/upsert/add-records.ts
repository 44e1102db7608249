import { stat } from 'node:fs/promises';
import type { OwnIndexClient } from '@tributary/client';
import type { Output } from '../../ui/output.ts';
import { createProgress } from '../../ui/progress.ts';
import { readRecords } from '../read-records.ts';

/** Writes the records of a JSONL file, and reports the result. */
export async function addRecords(
  index: OwnIndexClient,
  file: string,
  how: { namespace?: string; signal: AbortSignal },
  output: Output,
): Promise<string> {
  const size = await stat(file).then(
    (facts) => facts.size,
    () => 0, // readRecords reports the cause
  );
  const read = { bytes: 0 };
  const progress = createProgress('upsert', output);
  const records = async function* () {
    for await (const { record, next } of readRecords(file, how.signal)) {
      read.bytes = next;
      yield record;
    }
  };
  try {
    const { count } = await index.upsert(records(), {
      ...how,
      onProgress: (written) => progress.update({ done: read.bytes, total: size, note: `${written} records`, secondsLeft: null }),
    });
    return `${file}: ${count} records are in`;
  } finally {
    progress.stop();
  }
}
