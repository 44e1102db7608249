import { PassThrough } from 'node:stream';
import type { DocumentLine, DocumentProgress } from '@tributary/schemas';
import type { FastifyReply } from 'fastify';
import { uploadProgressMs, uploadProgressPauseMs } from '../limits.ts';

/**
 * Replies with a line for each progress and one for the outcome (docs/spec/node.md#documents). An error before the
 * first progress is thrown, so that it has an HTTP status of its own. Resolves when the work has ended.
 */
export async function replyWithProgress<Result>(
  reply: FastifyReply,
  work: (tell: (progress: DocumentProgress) => void) => Promise<Result>,
  { toLine, failed }: { toLine(result: Result): DocumentLine; failed(error: unknown): DocumentLine },
): Promise<FastifyReply> {
  const lines = new PassThrough();
  const write = (line: DocumentLine): void => void lines.write(`${JSON.stringify(line)}\n`);
  const begun = Promise.withResolvers<void>();
  let last: DocumentProgress = { found: 0, embedded: 0 };
  let toldAt = 0;
  const tell = (progress: DocumentProgress): void => {
    last = progress;
    if (performance.now() - toldAt < uploadProgressPauseMs) return;
    toldAt = performance.now();
    write({ progress });
    begun.resolve();
  };
  const pulse = setInterval(() => tell(last), uploadProgressMs);
  const done = work(tell).finally(() => clearInterval(pulse));
  await Promise.race([begun.promise, done]);
  void reply.type('application/x-ndjson').send(lines);
  await done.then(
    (result) => {
      write({ progress: last });
      write(toLine(result));
    },
    (error: unknown) => write(failed(error)),
  );
  lines.end();
  return reply;
}
