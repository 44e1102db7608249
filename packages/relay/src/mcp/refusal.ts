import type { FastifyRequest } from 'fastify';
import type { ToolRefusal } from '@tributary/mcp';
import { ERROR_CODES, type ErrorCode } from '@tributary/schemas';
import { errorReply } from '../gateway/error-reply.ts';
import { PAYING } from '../gateway/route-codes.ts';
import { RECORD_WRITE } from '../gateway/routes/own/codes.ts';
import type { Dialect, GatewayDeps } from '../gateway/types.ts';
import { baseUrl } from './base-url.ts';

const OF_TOOLS = (Object.keys(ERROR_CODES) as ErrorCode[]).filter((code) => ERROR_CODES[code].area === 'mcp');

/** Codes that a message, or a tool that it calls, may be refused with. */
export const MCP_ERRORS: readonly ErrorCode[] = [...PAYING, ...RECORD_WRITE, ...OF_TOOLS, 'API_KEY_SCOPE', 'RATE_LIMITED'];
const SHOWN: ReadonlySet<ErrorCode> = new Set(MCP_ERRORS);

/** What a caller of a tool is told: what the HTTP API would say. */
export function toolRefusal(
  error: unknown,
  requestId: string,
  { log, metrics, folder }: Pick<GatewayDeps, 'log' | 'metrics' | 'folder'>,
): ToolRefusal {
  const { status, body } = errorReply(error, requestId, { allowed: SHOWN, folder });
  const { code, message, retry } = body.error;
  metrics.errors.inc({ code });
  if (status >= 500) log[code === 'INTERNAL' ? 'error' : 'warn']('request-failed', { request: requestId, route: '/mcp', error });
  return { code, message, status, retry };
}

/** Codes of JSON-RPC 2.0; all others are the server's own. */
const RPC: Partial<Record<ErrorCode, number>> = { INPUT_NOT_JSON: -32_700, INPUT_NOT_UTF8: -32_700, INPUT_SHAPE: -32_600 };

/** A refusal before the protocol begins: JSON-RPC, with the challenge that leads to the metadata (RFC 9728). */
export const refusal: Dialect['refusal'] = ({ status, body }, _thrown, request) => {
  if (!request.url.startsWith('/mcp')) return { status, body };
  const { code, message } = body.error;
  return {
    status,
    headers: challenge(status, code, request),
    body: { jsonrpc: '2.0', error: { code: RPC[code as ErrorCode] ?? -32_000, message, data: body.error }, id: null },
  };
};

function challenge(status: number, code: string, request: FastifyRequest): Record<string, string> {
  const metadata = `resource_metadata="${baseUrl(request)}/.well-known/oauth-protected-resource/mcp"`;
  if (status === 401) {
    const why = code === 'API_KEY_INVALID' ? 'error="invalid_token", ' : '';
    return { 'www-authenticate': `Bearer ${why}${metadata}` };
  }
  if (code === 'API_KEY_SCOPE') return { 'www-authenticate': `Bearer error="insufficient_scope", scope="read", ${metadata}` };
  return {};
}
