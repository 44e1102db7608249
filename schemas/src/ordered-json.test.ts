import { expect, test } from 'vitest';
import { z } from 'zod';
import { parseOrdered } from './strict-json.ts';

const shape = z.strictObject({ a: z.string(), b: z.record(z.string(), z.unknown()).optional() });
const read = (text: string | Uint8Array) => parseOrdered(shape, text, 'test', 200);

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
  expect(() => read(text)).toThrow(expect.objectContaining({ code: expect.stringMatching(/^INPUT_/) }));
});
