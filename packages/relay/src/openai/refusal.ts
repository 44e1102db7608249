import type { ErrorCode } from '@tributary/schemas';
import type { Dialect } from '../gateway/types.ts';
import { ParamError } from './param-error.ts';

interface Words {
  status?: number;
  type: string;
  code: string;
  param?: string;
}

const INVALID = 'invalid_request_error';
const BUSY: Words = { status: 429, type: 'rate_limit_error', code: 'rate_limit_exceeded' };
const KEY: Words = { type: 'authentication_error', code: 'invalid_api_key' };
const FORBIDDEN: Words = { type: 'permission_error', code: 'insufficient_permissions' };

/** Refusals for which OpenAI has codes that its clients know. */
const WORDS: Partial<Record<ErrorCode, Words>> = {
  API_KEY_NEEDED: KEY,
  API_KEY_INVALID: KEY,
  API_KEY_SCOPE: FORBIDDEN,
  NOT_ALLOWED: FORBIDDEN,
  API_KEY_BUDGET: { type: 'insufficient_quota', code: 'insufficient_quota' },
  RATE_LIMITED: BUSY,
  STORE_BUSY: BUSY,
  OVERLOADED: BUSY,
  MODEL_NOT_FOUND: { status: 404, type: INVALID, code: 'model_not_found', param: 'model' },
  ROUTE_NOT_FOUND: { type: INVALID, code: 'unknown_url' },
  TEXT_TOO_LONG: { type: INVALID, code: 'context_length_exceeded', param: 'input' },
};

/** Clients repeat these on their own, which would not help. */
const NOT_TO_REPEAT: ReadonlySet<number> = new Set([408, 409]);
const LASTS: ReadonlySet<ErrorCode> = new Set(['READ_ONLY']);

/** A refusal in OpenAI's format (docs/spec/openai.md). */
export const refusal: Dialect['refusal'] = ({ status, body: { error } }, thrown) => {
  const { message } = error;
  const code = error.code as ErrorCode;
  const words: Words = WORDS[code] ?? { type: status >= 500 ? 'server_error' : INVALID, code };
  const param = thrown instanceof ParamError ? thrown.param : (words.param ?? null);
  const answered = words.status ?? status;
  return {
    status: answered,
    ...(NOT_TO_REPEAT.has(answered) || LASTS.has(code) ? { headers: { 'x-should-retry': 'false' } } : {}),
    body: { error: { message, type: words.type, param: param === '' ? null : param, code: words.code } },
  };
};
