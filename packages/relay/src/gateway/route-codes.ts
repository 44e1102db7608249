import { ERROR_CODES, type ErrorCode } from '@tributary/schemas';
import type { GatewayRoute } from './types.ts';

/** Codes that any route may return. */
const ALWAYS: readonly ErrorCode[] = ['NOT_ALLOWED', 'SHUTTING_DOWN', 'INTERNAL'];
const WITH_BODY: readonly ErrorCode[] = [
  'INPUT_NOT_JSON',
  'INPUT_NOT_UTF8',
  'INPUT_TOO_LARGE',
  'INPUT_SHAPE',
  'CONTENT_TYPE',
  'DEADLINE',
];

/** Codes of a route that needs a key, once there is one. */
const WITH_KEY: readonly ErrorCode[] = ['API_KEY_NEEDED', 'API_KEY_INVALID', 'API_KEY_SCOPE', 'RATE_LIMITED', 'READ_ONLY'];

/**
 * Codes about a user's own machine: its command line, files, documents and agents. A provider that refuses with one
 * of these is not believed.
 */
const ELSEWHERE: ReadonlySet<ErrorCode> = new Set([
  'TRUST_FILE',
  'POLICY_FILE',
  'CONFIG',
  'PORT_IN_USE',
  'KEY_FILE',
  'PATH_NOT_FOUND',
  'PROOF_NOT_FOUND',
  'ROUTE_NOT_FOUND',
  'CONTENT_TYPE',
  'GATEWAY_UNREACHABLE',
  'GATEWAY_RESPONSE',
  'API_KEY_NEEDED',
  'API_KEY_INVALID',
  'API_KEY_SCOPE',
  'API_KEY_BUDGET',
  'API_KEY_UNKNOWN',
  'API_KEYS_DAMAGED',
  'WRITER_KEY',
  'DELEGATION_INVALID',
]);
const ofPeople = (code: ErrorCode): boolean =>
  ELSEWHERE.has(code) || code.startsWith('PARSE_') || ['mcp', 'cli'].includes(ERROR_CODES[code].area);

/**
 * Everything that can fail on the way to a provider and back: choosing, paying, its refusals, and each check of its
 * answer.
 */
export const ASKING: readonly ErrorCode[] = (Object.keys(ERROR_CODES) as ErrorCode[]).filter((code) => !ofPeople(code));

/** The same for questions that are paid from the caller's budget. */
export const PAYING: readonly ErrorCode[] = [...ASKING, 'API_KEY_BUDGET'];

/** Every code that a route returns. Any other code is a fault of the node and becomes INTERNAL. */
export function codesOf({
  access,
  errors = [],
  method,
}: Pick<GatewayRoute, 'access' | 'errors' | 'method'>): ReadonlySet<ErrorCode> {
  // A body is read on all of these routes, also where nothing asks for one.
  const readsBody = method !== 'GET';
  return new Set([...errors, ...(access === 'public' ? [] : WITH_KEY), ...(readsBody ? WITH_BODY : []), ...ALWAYS]);
}
