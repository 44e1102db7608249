import type { FastifyReply, FastifyRequest } from 'fastify';
import { baseUrl } from './base-url.ts';

/** Headers of a body, which is passed on parsed, and of the connection. */
const LEFT_OUT: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding', 'connection', 'authorization', 'api-key']);

/** The same request for the protocol's library, without its key. It is given up when the caller hangs up. */
export function toWebRequest(request: FastifyRequest, reply: FastifyReply): Request {
  const hungUp = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) hungUp.abort();
  });
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers))
    if (value !== undefined && !LEFT_OUT.has(name)) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  return new Request(new URL('/mcp', baseUrl(request)), { method: request.method, headers, signal: hungUp.signal });
}
