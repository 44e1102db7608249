import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { filterDepthMax, jsonDepthMax } from './limits.ts';
import { metadata } from './record.ts';
import { filter } from './query.ts';
import { parseJson } from './strict-json.ts';

const read = (text: string | Uint8Array) => parseJson(text, 'test', 1_000_000);
const codeOf = (text: string | Uint8Array) => {
  try {
    read(text);
    return null;
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('every spelling of a value is read', () => {
  test('white space, escapes and order do not matter', () => {
    const value = { a: [1, 'é😀"\\/\u2028', null, true], b: { '': {}, '0': [] }, ['__proto__']: 'kept' };
    expect(read(JSON.stringify(value, null, 3))).toEqual(value);
    const escaped = JSON.stringify(value).replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
    expect(escaped).toContain('\\ud83d\\ude00');
    expect(read(escaped)).toEqual(value);
    expect(Object.hasOwn(read(escaped) as object, '__proto__')).toBe(true);
    expect(read('\r\n\t {"b":1 , "a":\t[ ]}\n\n')).toEqual({ a: [], b: 1 });
  });

  test.each(['1', '1.0', '1e0', '10e-1', '0.1E+1', '1.000e0'])('%s is 1', (text) => {
    expect(read(text)).toBe(1);
  });
  test.each(['0', '0.0', '0e9', '1e300', '1.5e-7', '9007199254740991', '9007199254740991.0', '0.1', '123456789.25'])(
    'the number %s keeps its value',
    (text) => {
      expect(read(`[${text}]`)).toEqual([Number(text)]);
    },
  );

  test('any value that JSON.stringify writes, at any indentation', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), fc.nat(4), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        fc.pre(!text.includes('-0'));
        expect(read(text)).toEqual(JSON.parse(text));
      }),
    );
  });
});

describe('what two readers could take for different values is refused', () => {
  test.each([
    ['a member twice', '{"a":1,"a":1}'],
    ['a member twice, once escaped', '{"a":1,"\\u0061":2}'],
    ['a member twice, deep down', '[{"x":{"a":1,"b":2,"a":3}}]'],
    ['__proto__ twice', '{"__proto__":1,"__proto__":2}'],
    ['an integer beyond 2^53', '9007199254740993'],
    ['a fraction with more digits than a float64 keeps', '1.0000000000000000001'],
    ['a number too large', '1e400'],
    ['a number too small', '1e-400'],
    ['minus zero', '-0'],
    ['minus zero as a fraction', '[-0.0]'],
    ['half a surrogate pair', '"\\ud83d"'],
    ['the other half', '["x\\ude00"]'],
    ['half a pair in a key', '{"\\ud83d":1}'],
    ['half a pair, not escaped', '"\ud83d"'],
    ['a byte order mark', '\ufeff1'],
    ['two values', '1 2'],
    ['a comment', '/* */1'],
    ['a trailing comma', '[1,]'],
    ['NaN', '[NaN]'],
    ['nothing', ''],
    ['too many levels', `${'['.repeat(jsonDepthMax + 1)}${']'.repeat(jsonDepthMax + 1)}`],
    ['60,000 levels', '{"$and":['.repeat(60_000)],
  ])('%s', (_name, text) => {
    expect(codeOf(text)).toBe('INPUT_NOT_JSON');
  });

  test('bytes that are not UTF-8, and too many', () => {
    expect(codeOf(Uint8Array.of(0x22, 0xff, 0x22))).toBe('INPUT_NOT_UTF8');
    expect(codeOf(' '.repeat(1_000_001))).toBe('INPUT_TOO_LARGE');
  });

  test('punctuation in strings is text', () => {
    expect(read('{"a:b":"c:d","e\\"::{[":[":::"]}')).toEqual({ 'a:b': 'c:d', 'e"::{[': [':::'] });
    expect(read('["-","1e999","-0"]')).toEqual(['-', '1e999', '-0']);
  });

  test('of two members with one name, whatever is between', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue({ maxDepth: 3 }), fc.jsonValue({ maxDepth: 3 }), (key, first, second) => {
        const text = `{${JSON.stringify(key)}:${JSON.stringify(first)},"\0":0,${JSON.stringify(key)}:${JSON.stringify(second)}}`;
        expect(codeOf(text.replace('"\0"', '"\\u0000"'))).toBe('INPUT_NOT_JSON');
      }),
    );
  });
});

describe('keys that a reader could drop', () => {
  const hostile = JSON.parse('{"__proto__":1,"year":2000}') as Record<string, number>;
  test('__proto__ in a filter or in metadata is refused, not passed over', () => {
    expect(filter.safeParse(hostile).success).toBe(false);
    expect(metadata.safeParse(hostile).success).toBe(false);
    expect(filter.parse({ constructor: 1, prototype: 2 })).toEqual({ constructor: 1, prototype: 2 });
    expect(metadata.parse({ constructor: 'x' })).toEqual({ constructor: 'x' });
  });

  test('a filter nested beyond its language is refused, whatever the depth', () => {
    const nested = (levels: number) => JSON.parse(`${'{"$and":['.repeat(levels)}{"a":{"$in":[1]}}${']}'.repeat(levels)}`);
    expect(filter.safeParse(nested(filterDepthMax - 1)).success).toBe(true);
    expect(filter.safeParse(nested(filterDepthMax + 1)).success).toBe(false);
    expect(filter.safeParse(nested(60_000)).success).toBe(false);
  });
});
