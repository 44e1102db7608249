import type { FastifyReply, FastifyRequest } from 'fastify';
import { discardTimeoutMs } from '../limits.ts';

/**
 * Reads what is left of a refused request's body, and drops it. A connection that is closed while its caller still
 * sends is reset, and the reset can reach the caller before the reply (RFC 9112 §9.6). The connection ends when the
 * rest takes too long.
 */
export function discardRest({ raw }: FastifyRequest, reply: FastifyReply): void {
  if (raw.complete) return;
  reply.removeHeader('connection'); // Fastify closes the connection of a body it has not read.
  const end = setTimeout(() => raw.destroy(), discardTimeoutMs);
  raw.once('close', () => clearTimeout(end));
  reply.raw.once('finish', () => raw.resume());
}
