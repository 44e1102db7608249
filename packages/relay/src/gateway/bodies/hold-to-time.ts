import { RelayError } from '../../errors.ts';
import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * Refuses a request whose body does not arrive in time. The server's own limit is that of the longest upload.
 *
 * @throws RelayError DEADLINE, as the reply
 */
export function holdToTime({ raw, headers }: FastifyRequest, reply: FastifyReply, ms: number): void {
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) return;
  const late = setTimeout(() => {
    if (raw.complete || reply.sent) return;
    void reply.header('connection', 'close').send(new RelayError('DEADLINE', 'the request did not arrive in time'));
  }, ms);
  const clear = (): void => clearTimeout(late);
  raw.once('end', clear);
  raw.once('close', clear);
}
