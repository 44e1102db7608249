import { stat } from 'node:fs/promises';
import { openOwnNode, type OwnNodeOptions } from '../steps/own-node.ts';
import { readRecords } from '../steps/read-records.ts';
import type { Output } from '../ui/output.ts';
import { createProgress } from '../ui/progress.ts';

export interface UpsertCommandOptions extends OwnNodeOptions {
  index: string;
  namespace?: string;
}

/** `tributary upsert FILE.jsonl --index NAME`: writes the records of the file. After a stop, acknowledged ones stay. */
export async function upsertCommand(file: string, options: UpsertCommandOptions, output: Output, signal: AbortSignal) {
  const node = await openOwnNode(options);
  const size = await stat(file).then(
    (facts) => facts.size,
    () => 0, // reading the file reports what is wrong
  );
  const read = { bytes: 0 };
  const progress = createProgress('upsert', output);
  const records = async function* () {
    for await (const record of readRecords(file)) {
      read.bytes += Buffer.byteLength(JSON.stringify(record)) + 1;
      yield record;
    }
  };
  try {
    const { count, sequence } = await node.index(options.index).upsert(records(), {
      ...(options.namespace === undefined ? {} : { namespace: options.namespace }),
      signal,
      onProgress: (written) =>
        progress.update({ done: Math.min(read.bytes, size), total: size, note: `${written} records`, secondsLeft: null }),
    });
    progress.stop();
    output.line(`${count} records are in ${options.index}, on disk (write ${sequence})`);
  } finally {
    progress.stop();
  }
  return 0;
}
