import '@tributary/runtime/node-gc';

import { parentPort } from 'node:worker_threads';

import { StoreError } from '../../errors.ts';
import { parseBytes } from './parse-bytes.ts';
import { readBounded, reliableTime } from './read-bounded.ts';
import { sha256Hex } from './text-builder.ts';
import type { ParseReply, ParseRequest } from './messages.ts';
import type { ParseOutcome } from '../types.ts';

/** One file of a request; files are read here so that their bytes never pass through the main thread. */
async function answer(request: ParseRequest): Promise<ParseOutcome> {
  try {
    const { bytes, modified } =
      'absolute' in request
        ? await readBounded(request.absolute, request.options.limits.fileBytesMax)
        : { bytes: request.bytes, modified: 0 };
    const seen = { bytes: bytes.length, modified: reliableTime(modified, Date.now()), sha256: sha256Hex(bytes) };
    return { ...(await parseBytes(bytes, request.relative, request.options)), seen };
  } catch (error) {
    const code = error instanceof StoreError ? error.code : 'PARSE_UNREADABLE';
    return {
      ok: false,
      file: request.relative,
      code,
      reason: error instanceof Error ? error.message : 'The file cannot be read.',
    };
  }
}

function reply(message: ParseReply): void {
  parentPort?.postMessage(message);
}

// Libraries reject promises of their own after a file is done with; every parse awaits all that it needs.
process.on('unhandledRejection', () => {});
parentPort?.on('message', (request: ParseRequest) => {
  void answer(request).then((outcome) => reply({ outcome }));
});
reply({ ready: true });
