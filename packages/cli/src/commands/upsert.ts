import { openOwnNode, type OwnNodeOptions } from '../steps/own-node.ts';
import { addDocument } from '../steps/upsert/add-document.ts';
import { addRecords } from '../steps/upsert/add-records.ts';
import type { Output } from '../ui/output.ts';

export interface UpsertCommandOptions extends OwnNodeOptions {
  index: string;
  namespace?: string;
  /** Uploads JSONL files as documents too. */
  documents?: boolean;
}

const RECORDS = /\.(?:jsonl|ndjson)$/i;

/**
 * `tributary upsert FILES --index NAME`: writes the records of JSONL files, and uploads other files as documents. What
 * was acknowledged stays after a stop.
 */
export async function upsertCommand(files: string[], options: UpsertCommandOptions, output: Output, signal: AbortSignal) {
  const index = (await openOwnNode(options)).index(options.index);
  const how = { ...(options.namespace === undefined ? {} : { namespace: options.namespace }), signal };
  for (const file of files) {
    const line =
      RECORDS.test(file) && options.documents !== true
        ? await addRecords(index, file, how, output)
        : await addDocument(index, file, how, output);
    output.line(`${line} ${options.index}, on disk`);
  }
  return 0;
}
