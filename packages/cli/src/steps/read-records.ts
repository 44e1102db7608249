import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { checkShape, parseJson, recordBody, TributaryError, type RecordBody } from '@tributary/schemas';

/** Longest line: a vector of the largest dimension with text and metadata. */
const LINE_BYTES_MAX = 1_048_576;

/**
 * Records of a JSONL file, one per line, read on demand.
 *
 * @throws TributaryError PATH_NOT_FOUND; INPUT_* with the invalid line
 */
export async function* readRecords(path: string): AsyncGenerator<RecordBody> {
  const input = createReadStream(path);
  const failed = new Promise<never>((_, reject) =>
    input.once('error', (cause) =>
      reject(new TributaryError('PATH_NOT_FOUND', `${path} cannot be read; give a JSONL file`, { cause })),
    ),
  );
  failed.catch(() => undefined);
  await Promise.race([failed, new Promise((resolve) => input.once('open', resolve))]);
  let line = 0;
  for await (const text of createInterface({ input, crlfDelay: Infinity })) {
    line += 1;
    if (text.trim() === '') continue;
    const what = `line ${line} of ${path}`;
    yield checkShape(recordBody, parseJson(text, what, LINE_BYTES_MAX), what);
  }
}
