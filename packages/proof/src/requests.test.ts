import type { Request } from '@tributary/schemas';
import { expect, test } from 'vitest';
import { compileFilter } from './filter/compile.ts';
import { readRequest, requestHash, responseHash, writeRequest } from './requests.ts';

test('a request so deep that it cannot be written again is refused, not a crash', () => {
  const filter = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  const text = `{"v":1,"type":"tributary/query","index":"a@${'0'.repeat(32)}","namespace":"","topK":1,"mode":"bm25","denseWeight":null,"text":"x","vector":null,"model":null,"filter":{"a":${filter}},"minRelevance":0,"minSequence":null}`;
  expect(() => readRequest(text)).toThrow(expect.objectContaining({ code: 'REQUEST_MISMATCH' }));
});

test('60,000 nested conditions are a refusal wherever a filter is read, never an overflow', () => {
  const filter = JSON.parse(`${'{"$and":['.repeat(60_000)}{"a":1}${']}'.repeat(60_000)}`);
  const request = {
    v: 1,
    type: 'tributary/query',
    index: `a@${'0'.repeat(32)}`,
    namespace: '',
    topK: 1,
    mode: 'bm25',
    text: 'x',
  };
  const rest = { vector: null, model: null, minRelevance: 0, minSequence: null };
  expect(() => writeRequest({ ...request, ...rest, filter } as Request)).toThrow(
    expect.objectContaining({ code: 'INPUT_SHAPE' }),
  );
  expect(() => compileFilter(filter)).toThrow(expect.objectContaining({ code: 'FILTER_INVALID' }));
  expect(() => compileFilter({ a: filter })).toThrow(expect.objectContaining({ code: 'FILTER_INVALID' }));
});

test('a request is written with its members in order and read back', () => {
  const request = {
    minSequence: null,
    minRelevance: 0,
    filter: { year: 1 },
    model: null,
    vector: null,
    text: 'x',
    denseWeight: null,
    mode: 'bm25' as const,
    topK: 1,
    namespace: '',
    index: `a@${'0'.repeat(32)}`,
    type: 'tributary/query' as const,
    v: 1 as const,
  };
  const body = writeRequest(request);
  expect(body.startsWith('{"v":1,"type":"tributary/query","index"')).toBe(true);
  expect(readRequest(body)).toEqual(request);
  expect(() => writeRequest({ ...request, topK: 0 })).toThrow(expect.objectContaining({ code: 'INPUT_SHAPE' }));
});

test('text and its bytes hash alike; question and answer never do', () => {
  const nonce = new Uint8Array(32);
  const bytes = new TextEncoder().encode('é');
  expect(requestHash(nonce, 'é')).toBe(requestHash(nonce, bytes));
  expect(responseHash('é')).toBe(responseHash(bytes));
  expect(requestHash(nonce, 'é')).not.toBe(requestHash(nonce.with(31, 1), 'é'));
  expect(() => requestHash(new Uint8Array(31), '')).toThrow(RangeError);
});
