import { expect, test } from 'vitest';
import { z } from 'zod';
import { readOrdered } from './ordered-json.ts';
import { readRequest, requestHash, responseHash, writeRequest } from './requests.ts';

const shape = z.strictObject({ a: z.string(), b: z.record(z.string(), z.unknown()).optional() });
const read = (text: string | Uint8Array) => readOrdered(shape, text, 'test', 200, 'RESPONSE_SHAPE');

test.each([
  ['plain', { a: 'x' }],
  ['escapes that are text, as in source code', { a: 'JSON writes 𝄞 as \\ud834\\udd1e' }],
  ['a backslash before such an escape', { a: '\\\\ud834' }],
  ['nested', { a: '', b: { x: [{ y: null }] } }],
])('reads %s', (_name, value) => {
  const text = JSON.stringify(value);
  expect(read(text)).toEqual(value);
  expect(read(new TextEncoder().encode(text))).toEqual(value);
});

test.each([
  ['white space', '{ "a":"x"}'],
  ['another order', '{"b":{},"a":"x"}'],
  ['a repeated member', '{"a":"x","a":"x"}'],
  ['an unknown member', '{"a":"x","c":1}'],
  ['a key that the reader drops', '{"a":"x","b":{"__proto__":1}}'],
  ['a lone surrogate', '{"a":"\\ud834"}'],
  ['a lone surrogate in a key', '{"a":"x","b":{"\\\\\\udd1e":1}}'],
  ['an escape that is not needed', '{"a":"\\u0078"}'],
  ['minus zero', '{"a":"x","b":{"n":-0}}'],
  ['an unsafe number', '{"a":"x","b":{"n":9007199254740993}}'],
  ['too long', `{"a":"${'x'.repeat(200)}"}`],
  ['not JSON', '{"a":'],
  ['something after', '{"a":"x"}\n'],
  ['not UTF-8', Uint8Array.of(0x22, 0xff, 0x22)],
])('refuses %s', (_name, text) => {
  expect(() => read(text)).toThrow(expect.objectContaining({ code: 'RESPONSE_SHAPE' }));
});

test('a request so deep that it cannot be written again is refused, not a crash', () => {
  const filter = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  const text = `{"v":1,"type":"tributary/query","index":"a@${'0'.repeat(32)}","namespace":"","topK":1,"mode":"bm25","denseWeight":null,"text":"x","vector":null,"model":null,"filter":{"a":${filter}},"minRelevance":0,"minSequence":null}`;
  expect(() => readRequest(text)).toThrow(expect.objectContaining({ code: 'REQUEST_MISMATCH' }));
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
