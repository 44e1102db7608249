import { ERROR_CODES, type ErrorCode } from '@tributary/schemas';
import type { GatewayRoute } from './types.ts';

/** What any route may answer, whatever was asked. */
const ALWAYS: readonly ErrorCode[] = ['NOT_ALLOWED', 'SHUTTING_DOWN', 'INTERNAL'];
const WITH_BODY: readonly ErrorCode[] = [
  'INPUT_NOT_JSON',
  'INPUT_NOT_UTF8',
  'INPUT_TOO_LARGE',
  'INPUT_SHAPE',
  'CONTENT_TYPE',
  'DEADLINE',
];

/** Of a route that needs a key, once there is one. */
const WITH_KEY: readonly ErrorCode[] = ['API_KEY_NEEDED', 'API_KEY_INVALID', 'API_KEY_SCOPE', 'RATE_LIMITED'];

/**
 * Of a person's own machine: its command line, files and documents. A provider that refuses with one of these talks
 * nonsense.
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
]);
const ofPeople = (code: ErrorCode): boolean =>
  ELSEWHERE.has(code) || code.startsWith('PARSE_') || ERROR_CODES[code].area === 'cli';

/**
 * Whatever may go wrong on the way to a provider and back: choosing, paying, its refusals, and each check of what it
 * answers.
 */
export const ASKING: readonly ErrorCode[] = (Object.keys(ERROR_CODES) as ErrorCode[]).filter((code) => !ofPeople(code));

/** The same where the answer is paid from the caller's budget. */
export const PAYING: readonly ErrorCode[] = [...ASKING, 'API_KEY_BUDGET'];

/**
 * Every code that a route answers with. One that is not among them is a fault of the node, and leaves it as INTERNAL.
 */
export function codesOf({ access, errors = [], body }: Pick<GatewayRoute, 'access' | 'errors' | 'body'>): ReadonlySet<ErrorCode> {
  return new Set([...errors, ...(access === 'public' ? [] : WITH_KEY), ...(body ? WITH_BODY : []), ...ALWAYS]);
}
