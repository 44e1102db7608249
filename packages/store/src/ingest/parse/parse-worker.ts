import '@tributary/runtime/node-gc';
import { StoreError } from '../../errors.ts';
import { serveTasks } from '../../threads/serve-tasks.ts';
import type { ParseOutcome } from '../types.ts';
import type { ParseTask } from './parse.ts';
import { parseBytes } from './parse-bytes.ts';
import { readBounded, reliableTime } from './read-bounded.ts';
import { sha256Hex } from './text-builder.ts';

// Libraries may reject promises of their own after a file is done. Every parse awaits all that it needs.
process.on('unhandledRejection', () => {});

await serveTasks<ParseTask, ParseOutcome>(async () => ({ run }));

/** Parses one file. Files are read here, so that their bytes never pass through the main thread. */
async function run({ file, options }: ParseTask): Promise<ParseOutcome> {
  try {
    const { bytes, modified } =
      'absolute' in file ? await readBounded(file.absolute, options.limits.fileBytesMax) : { bytes: file.bytes, modified: 0 };
    const seen = { bytes: bytes.length, modified: reliableTime(modified, Date.now()), sha256: sha256Hex(bytes) };
    return { ...(await parseBytes(bytes, file.relative, options, file.mediaType)), seen };
  } catch (error) {
    const code = error instanceof StoreError ? error.code : 'PARSE_UNREADABLE';
    const reason = error instanceof Error ? error.message : 'The file cannot be read.';
    return { ok: false, file: file.relative, code, reason };
  }
}
