import { ERROR_CODES, isTributaryError, type ErrorCode, type GatewayError } from '@tributary/schemas';
import { gatewayRetryAfterMs } from './limits.ts';

/** An error in the gateway's one format, with its HTTP status. */
export interface ErrorReply {
  status: number;
  body: GatewayError;
}

/**
 * The one error format of the gateway. Errors with a code are sent as they are. Anything else is a fault of the node,
 * of which the caller gets only the request id. The same holds for a code that is not among the `allowed` ones of the
 * route's description. Places on the node's disk are for its log only.
 *
 * @param folder the node's data folder
 */
export function errorReply(
  error: unknown,
  requestId: string,
  { allowed, folder }: { allowed?: ReadonlySet<ErrorCode> | undefined; folder?: string | undefined } = {},
): ErrorReply {
  const { code: found, message, retryAfterMs } = facts(error);
  const code = allowed && !allowed.has(found) ? 'INTERNAL' : found;
  const internal = code === 'INTERNAL';
  const { http, retry } = ERROR_CODES[code];
  const pause = retryAfterMs ?? (retry ? gatewayRetryAfterMs : undefined);
  return {
    status: http,
    body: {
      error: {
        code,
        message: internal
          ? `internal error; the log of the gateway has the details under request ${requestId}`
          : withoutPlaces(code, message, folder),
        requestId,
        retry,
        ...(pause === undefined ? {} : { retryAfterMs: pause }),
      },
    },
  };
}

/** Codes about this machine, whose messages name files. */
const OF_PLACES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'STORE_DAMAGED',
  'STORE_FORMAT',
  'STORE_LOCKED',
  'FILE_DAMAGED',
  'DATA_FOLDER',
  'DISK_WRITE',
  'READ_ONLY',
  'WALLET_DAMAGED',
  'WALLET_WRITE',
  'LEDGER_DAMAGED',
  'LEDGER_WRITE',
  'API_KEYS_DAMAGED',
  'KEY_FILE',
  'POLICY_FILE',
  'MODEL_NOT_FOUND',
  'EMBED_FAILED',
  'RERANK_FAILED',
  'PATH_NOT_FOUND',
  'PARSE_UNREADABLE',
  'CONFIG',
]);
/** An absolute path; a route or an address of other codes looks alike. */
const A_PATH = /(?<![\w.:/-])(?:\/[^\s/'"():;,]+)+\/?/g;
const PLACE = 'the data folder';

/** A message for callers: what happened, without the places on the node's disk. */
export function withoutPlaces(code: ErrorCode, message: string, folder?: string): string {
  if (!OF_PLACES.has(code)) return message;
  // The name of the folder may have any characters.
  const own = folder === undefined ? message : message.split(folder).join('/_');
  return own.replaceAll(A_PATH, PLACE);
}

interface Facts {
  code: ErrorCode;
  message: string;
  retryAfterMs?: number | undefined;
}

// Fastify's own refusals (https://fastify.dev/docs/latest/Reference/Errors/), in our words.
const FRAMEWORK: Readonly<Record<string, Facts>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { code: 'INPUT_TOO_LARGE', message: 'the body is too large' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: { code: 'CONTENT_TYPE', message: 'send the body as JSON, with content-type: application/json' },
  FST_ERR_CTP_EMPTY_JSON_BODY: { code: 'INPUT_NOT_JSON', message: 'the body is empty; send a JSON object' },
  FST_ERR_CTP_INVALID_JSON_BODY: { code: 'INPUT_NOT_JSON', message: 'the body is not JSON' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: { code: 'INPUT_SHAPE', message: 'the body is not as long as content-length says' },
  FST_ERR_BAD_URL: { code: 'ROUTE_NOT_FOUND', message: 'the path is not well formed' },
  FST_ERR_MAX_PARAM_LENGTH: { code: 'INPUT_TOO_LARGE', message: 'a part of the path is too long' },
};

function facts(error: unknown): Facts {
  if (isTributaryError(error)) return { code: error.code, message: error.message, retryAfterMs: retryAfterOf(error) };
  if (!(error instanceof Error)) return { code: 'INTERNAL', message: '' };
  const known = 'code' in error && typeof error.code === 'string' ? FRAMEWORK[error.code] : undefined;
  if (known) return known;
  if (error.name === 'AbortError') return { code: 'ABORTED', message: 'the caller gave up the request' };
  // Errors of Fastify's JSON reader have a 4xx status and no code.
  if ('statusCode' in error && error.statusCode === 400)
    return { code: 'INPUT_NOT_JSON', message: 'the body is not JSON that may be read safely' };
  return { code: 'INTERNAL', message: '' };
}

function retryAfterOf(error: Error): number | undefined {
  if (!('retryAfterMs' in error) || typeof error.retryAfterMs !== 'number') return undefined;
  return Number.isFinite(error.retryAfterMs) && error.retryAfterMs >= 0 ? error.retryAfterMs : undefined;
}
