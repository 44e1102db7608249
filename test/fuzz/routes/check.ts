import { codesOf, type GatewayRoute } from '@tributary/relay/testing';
import { ERROR_CODES, gatewayError, type ErrorCode } from '@tributary/schemas';
import type { Received } from '../send.ts';

export type DialectName = 'native' | 'pinecone' | 'openai' | 'mcp';

type Json = Record<string, unknown>;

/** True for an object with exactly these members. */
function has(value: unknown, members: Readonly<Record<string, (member: unknown) => boolean>>): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const names = Object.keys(members);
  return (
    Object.keys(value).length === names.length && names.every((name) => name in value && members[name]!((value as Json)[name]))
  );
}
const isText = (value: unknown): boolean => typeof value === 'string';
const isNumber = (value: unknown): boolean => typeof value === 'number';
const control = (status: number) => (body: unknown) =>
  has(body, { error: (error) => has(error, { code: isText, message: isText }), status: (stated) => stated === status });
const rpc = (body: unknown): boolean =>
  has(body, { code: isNumber, message: isText, details: (details) => Array.isArray(details) && details.length === 0 });
const openai = (body: unknown): boolean =>
  has(body, {
    error: (error) =>
      has(error, { message: isText, type: isText, code: isText, param: (param) => param === null || isText(param) }),
  });
/** An error of JSON-RPC 2.0: the node's, or that of the protocol's library. */
const jsonRpc = (body: unknown): boolean => {
  const { jsonrpc, error } = (body ?? {}) as { jsonrpc?: unknown; error?: { code?: unknown; message?: unknown } };
  return jsonrpc === '2.0' && isNumber(error?.code) && isText(error?.message);
};
const native = (body: unknown): boolean => gatewayError.safeParse(body).success;

export const dialectOf = ({ id }: Pick<GatewayRoute, 'id'>): DialectName => {
  if (id.startsWith('pinecone ')) return 'pinecone';
  if (/^mcp-(?:get|post|delete)$/.test(id)) return 'mcp';
  return id.startsWith('openai-') ? 'openai' : 'native';
};

/** Statuses with which OpenAI's clients get some codes (docs/spec/openai.md). */
const OPENAI_STATUS: Partial<Record<ErrorCode, number>> = { MODEL_NOT_FOUND: 404, STORE_BUSY: 429, OVERLOADED: 429 };

/** @throws Error for a reply that a caller of the route must not get */
export function checkReply(route: GatewayRoute, reply: Received): void {
  const dialect = dialectOf(route);
  if (reply.status < 400 || Object.hasOwn(route.replies, reply.status)) return checkSuccess(route, dialect, reply);
  if (dialect === 'pinecone') return checkPinecone(route, reply);
  if (dialect === 'openai') return checkOpenAi(route, reply);
  if (dialect === 'mcp' && !jsonRpc(JSON.parse(reply.text))) throw new Error('not JSON-RPC');
  const told = JSON.parse(reply.text) as { error: { data: unknown } };
  const { error } = gatewayError.parse(dialect === 'mcp' ? { error: told.error.data } : told);
  const code = error.code as ErrorCode;
  if (!codesOf(route).has(code) || code === 'INTERNAL') throw new Error(`the route does not declare ${code}`);
  if (ERROR_CODES[code].http !== reply.status) throw new Error(`${code} is not ${reply.status}`);
  if (reply.status > 500 && reply.status !== 503) throw new Error('5xx');
}

/** Paths and methods of no route: any of the three shapes, and a refusal. */
export function checkStray({ status, text, headers }: Received, method: string): void {
  if (status >= 500) throw new Error('5xx');
  if (status < 400 || method === 'HEAD' || text === 'Unauthorized') return;
  if (!String(headers['content-type']).startsWith('application/json')) throw new Error('not JSON');
  const body: unknown = JSON.parse(text);
  if (![native, control(status), rpc, openai, jsonRpc].some((isShape) => isShape(body))) throw new Error('no known shape');
}

function checkSuccess({ replies }: GatewayRoute, dialect: DialectName, { status, text, headers }: Received): void {
  const type = String(headers['content-type']);
  if (dialect === 'pinecone') {
    if (![200, 201, 202].includes(status)) throw new Error('a status that Pinecone does not use');
    if (text !== '') JSON.parse(text);
    return;
  }
  const declared = replies[status];
  if (declared === undefined) throw new Error('a status that the route does not declare');
  if (type.startsWith('application/x-ndjson')) {
    for (const line of text.trimEnd().split('\n')) if (!native(JSON.parse(line))) declared.lines!.parse(JSON.parse(line));
  } else declared.schema?.parse(JSON.parse(text));
}

function checkPinecone({ url }: GatewayRoute, { status, text }: Received): void {
  if (status >= 500 && status !== 503) throw new Error('5xx');
  if (status === 401 && text === 'Unauthorized') return;
  const vectors = /^\/i\/:index\/(?!records|namespaces\/:namespace\/documents)/.test(url);
  if (!(vectors ? rpc : control(status))(JSON.parse(text))) throw new Error('not the shape of its plane');
}

function checkOpenAi(route: GatewayRoute, { status, text }: Received): void {
  if (status >= 500 && status !== 503) throw new Error('5xx');
  const body = JSON.parse(text) as { error: { code: string } };
  if (!openai(body)) throw new Error("not OpenAI's shape");
  const { error } = body;
  const codes = [...codesOf(route)];
  const statuses = codes.map((code) => OPENAI_STATUS[code] ?? ERROR_CODES[code].http);
  if (!statuses.includes(status)) throw new Error('a status that the route does not declare');
  if (/^[A-Z_]+$/.test(error.code) && !codes.includes(error.code as ErrorCode))
    throw new Error(`the route does not declare ${error.code}`);
}
