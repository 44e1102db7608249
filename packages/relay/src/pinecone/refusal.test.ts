import type { FastifyRequest } from 'fastify';
import { ERROR_CODES, TributaryError, type ErrorCode } from '@tributary/schemas';
import { expect, test } from 'vitest';
import { errorReply } from '../gateway/error-reply.ts';
import { refusal } from './refusal.ts';

const codes = Object.keys(ERROR_CODES) as ErrorCode[];
const request = (url: string, version?: string) =>
  ({ url, headers: version === undefined ? {} : { 'x-pinecone-api-version': version } }) as unknown as FastifyRequest;
const refuse = (code: ErrorCode, url = '/indexes', version?: string) => {
  const error = new TributaryError(code, 'planted');
  return refusal(errorReply(error, 'r'), error, request(url, version));
};

test('5xx is what a repeat may help, and costs nothing; the rest keeps its message in a 400', () => {
  const faults = codes.filter((code) => refuse(code).status >= 500);
  expect(faults.every((code) => ERROR_CODES[code].retry)).toBe(true);
  expect(faults.filter((code) => [502, 504].includes(ERROR_CODES[code].http))).toEqual([]);
  for (const code of ['RECEIPT_CHARGE', 'STORE_DAMAGED', 'LINK_CLOSED', 'ASK_TIMEOUT'] as const)
    expect(refuse(code)).toEqual({
      status: 400,
      body: { error: { code: 'FAILED_PRECONDITION', message: 'planted' }, status: 400 },
    });
  for (const code of ['OVERLOADED', 'STORE_BUSY', 'NO_PROVIDER'] as const) expect(refuse(code).status).toBe(503);
});

test.each<[ErrorCode, number, string, number]>([
  ['INPUT_SHAPE', 400, 'INVALID_ARGUMENT', 3],
  ['API_KEY_BUDGET', 402, 'PAYMENT_REQUIRED', 8],
  ['SPEND_CAP', 402, 'PAYMENT_REQUIRED', 8],
  ['API_KEY_SCOPE', 403, 'FORBIDDEN', 7],
  ['STORE_FULL', 403, 'FORBIDDEN', 7],
  ['INDEX_NOT_FOUND', 404, 'NOT_FOUND', 5],
  ['NAMESPACE_NOT_FOUND', 404, 'NOT_FOUND', 5],
  ['MODEL_NOT_FOUND', 404, 'NOT_FOUND', 5],
  ['INDEX_EXISTS', 409, 'ALREADY_EXISTS', 6],
  ['INPUT_TOO_LARGE', 413, 'PAYLOAD_TOO_LARGE', 11],
  ['WRITE_TOO_LARGE', 400, 'INVALID_ARGUMENT', 3],
  ['RATE_LIMITED', 429, 'RESOURCE_EXHAUSTED', 8],
])('%s is %d, in the shape of either plane', (code, status, name, number) => {
  expect(refuse(code)).toMatchObject({ status, body: { error: { code: name }, status } });
  for (const url of ['/i/a/records/namespaces/n/upsert', '/i/a/namespaces/n/documents/search', '/embed'])
    expect(refuse(code, url)).toMatchObject({ status, body: { error: { code: name }, status } });
  for (const url of ['/i/a/query', '//i//a//vectors/fetch?ids=records', '/i/a/namespaces/documents'])
    expect(refuse(code, url)).toMatchObject({ status, body: { code: number, details: [] } });
});

test('a 401 is plain text for vectors, and on the control plane since 2026-07', () => {
  for (const [url, version] of [
    ['/i/a/query', '2024-07'],
    ['/indexes', '2026-07'],
  ] as const)
    expect(refuse('API_KEY_NEEDED', url, version)).toEqual({ status: 401, body: 'Unauthorized' });
  expect(refuse('API_KEY_INVALID', '/indexes', '2026-04')).toMatchObject({ body: { error: { code: 'UNAUTHENTICATED' } } });
});
