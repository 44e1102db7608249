import type { FastifyRequest } from 'fastify';
import type { Caller } from '../api-keys/types.ts';

/** Member of `_meta` with the name of a client of 2026. */
const CLIENT_INFO = 'io.modelcontextprotocol/clientInfo';

/**
 * The session of a call, for its cap: that of its header, for clients of 2025; later protocols have no sessions, so all
 * calls of one client with one key are one.
 */
export function sessionOf({ headers, body }: FastifyRequest, { key }: Caller): string {
  const id = headers['mcp-session-id'];
  if (id !== undefined) return JSON.stringify([key, 'session', id]);
  const { params } = (body ?? {}) as { params?: { _meta?: Record<string, { name?: unknown } | undefined> } };
  const name = params?._meta?.[CLIENT_INFO]?.name;
  return JSON.stringify([key, 'client', typeof name === 'string' ? name.slice(0, 128) : '']);
}
