import { checkShape, parseJson, recordBody, TributaryError, type RecordBody } from '@tributary/schemas';
import { readLines } from '../read-lines.ts';

/** Longest line: a vector of the largest dimension with text and metadata. */
const LINE_BYTES_MAX = 1_048_576;

/** A record, and where the next line begins. */
export interface ReadRecord {
  record: RecordBody;
  next: number;
}

/**
 * Records of a JSONL file, one per line, read on demand.
 *
 * @throws TributaryError PATH_NOT_FOUND; INPUT_* with the invalid line
 */
export async function* readRecords(path: string, signal: AbortSignal): AsyncGenerator<ReadRecord> {
  let line = 0;
  for await (const { bytes, next } of linesOf(path, signal)) {
    line += 1;
    const what = `line ${line} of ${path}`;
    if (bytes === null) throw new TributaryError('INPUT_TOO_LARGE', `${what} has more than ${LINE_BYTES_MAX} bytes`);
    if (bytes.toString('latin1').trim() === '') continue;
    yield { record: checkShape(recordBody, parseJson(bytes, what, LINE_BYTES_MAX), what), next };
  }
}

async function* linesOf(path: string, signal: AbortSignal): ReturnType<typeof readLines> {
  try {
    yield* readLines(path, 0, LINE_BYTES_MAX, signal);
  } catch (cause) {
    if (signal.aborted) throw cause;
    throw new TributaryError('PATH_NOT_FOUND', `${path} cannot be read; give a JSONL file`, { cause });
  }
}
