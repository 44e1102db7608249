import { ERROR_CODES, type ErrorCode } from '@tributary/schemas';
import type { FastifyRequest } from 'fastify';
import type { Dialect } from '../gateway/types.ts';
import { versionOf } from './version.ts';

/** Statuses that differ from those of the code itself (docs/spec/pinecone.md#errors). */
const STATUS: Partial<Record<ErrorCode, number>> = { MODEL_NOT_FOUND: 404, WRITE_TOO_LARGE: 400 };

/** Pinecone's name and gRPC's number for a status. */
const NAMES: Readonly<Record<number, readonly [name: string, number: number]>> = {
  400: ['INVALID_ARGUMENT', 3],
  401: ['UNAUTHENTICATED', 16],
  402: ['PAYMENT_REQUIRED', 8],
  403: ['FORBIDDEN', 7],
  404: ['NOT_FOUND', 5],
  408: ['DEADLINE_EXCEEDED', 4],
  409: ['ALREADY_EXISTS', 6],
  410: ['NOT_FOUND', 5],
  413: ['PAYLOAD_TOO_LARGE', 11],
  415: ['INVALID_ARGUMENT', 3],
  422: ['UNPROCESSABLE_ENTITY', 3],
  429: ['RESOURCE_EXHAUSTED', 8],
  499: ['ABORTED', 10],
  500: ['INTERNAL', 13],
  503: ['SERVICE_UNAVAILABLE', 14],
};

/** Phrases that programs written for Pinecone look for. */
const WORDS: Partial<Record<ErrorCode, (message: string) => string>> = {
  INDEX_EXISTS: (message) => `Resource  already exists: ${message}`,
  INDEX_NOT_FOUND: (message) => `Resource not found: ${message}`,
  INDEX_NAME: (message) =>
    `Name must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character: ${message}`,
  INDEX_PROTECTED: () => 'Deletion protection is enabled for this index. Disable deletion protection before retrying.',
};

/** A refusal in the format of the plane that the path belongs to. */
export const refusal: Dialect['refusal'] = ({ body: { error } }, _, request) => {
  const code = error.code as ErrorCode;
  const status = statusOf(code);
  const message = WORDS[code]?.(error.message) ?? error.message;
  const data = isVectorPlane(request);
  if (status === 401 && (data || versionOf(request).plainUnauthorized)) return { status, body: 'Unauthorized' };
  const [name, number] = isLasting(code) ? (['FAILED_PRECONDITION', 9] as const) : (NAMES[status] ?? NAMES[400]!);
  return { status, body: data ? { code: number, message, details: [] } : { error: { code: name, message }, status } };
};

const statusOf = (code: ErrorCode): number => (isLasting(code) ? 400 : (STATUS[code] ?? ERROR_CODES[code].http));

/** Clients repeat 5xx responses. For these errors that would not help, or would pay for a question twice. */
function isLasting(code: ErrorCode): boolean {
  const { http, retry } = ERROR_CODES[code];
  return http >= 500 && (!retry || http === 502 || http === 504);
}

/** Vectors, queries, statistics and namespaces reply with gRPC errors. */
function isVectorPlane({ url }: FastifyRequest): boolean {
  const [, place, , ...rest] = url.replace(/^\/+/, '/').split('?', 1)[0]!.split(/\/+/);
  return place === 'i' && rest[0] !== 'records' && !(rest[0] === 'namespaces' && rest[2] === 'documents');
}
