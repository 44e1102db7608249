import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { filterDepthMax, jsonDepthMax } from './limits.ts';
import { parseCanonical } from './strict-json.ts';

const code = (text: string) => {
  try {
    parseCanonical(text, 'test', 1_000_000);
    return null;
  } catch (error) {
    return (error as { code: string }).code;
  }
};

test.each(['"\\\\ud83d"', '"C:\\\\udder"', '"a \\\\\\\\ud83d b"', '"\\\\\\\\\\\\ud83d\\\\n"', '"😀"', '["\\\\","\\\\ud83d"]'])(
  'text about escapes is text: %s',
  (text) => {
    expect(JSON.stringify(JSON.parse(text))).toBe(text);
    expect(code(text)).toBe(null);
  },
);

test.each(['"\\ud83d"', '"x\\udfff"', '"\\\\\\ud83d"', '"\\\\\\\\\\ud83d"', '{"\\ud83d":1}', '["\\\\","\\ud83d"]'])(
  'a lone surrogate is refused: %s',
  (text) => {
    expect(JSON.stringify(JSON.parse(text))).toBe(text);
    expect(code(text)).toBe('INPUT_NOT_CANONICAL');
  },
);

const nested = (levels: number, inner = '') => '['.repeat(levels) + inner + ']'.repeat(levels);

describe('nesting', () => {
  test('is read up to the limit and refused beyond it, before anything recurses', () => {
    expect(code(nested(jsonDepthMax))).toBe(null);
    expect(code(nested(jsonDepthMax + 1))).toBe('INPUT_NOT_JSON');
    expect(code('{"a":'.repeat(jsonDepthMax + 1) + '1' + '}'.repeat(jsonDepthMax + 1))).toBe('INPUT_NOT_JSON');
    expect(code(nested(200_000))).toBe('INPUT_NOT_JSON');
    expect(code('['.repeat(200_000))).toBe('INPUT_NOT_JSON');
  });

  test('counts levels, not brackets', () => {
    expect(code(`[${Array.from({ length: 500 }, () => '[{}]').join(',')}]`)).toBe(null);
  });

  test.each(['"[[["', String.raw`"\"[[["`, String.raw`"\\"`, String.raw`"a\\\"{{{"`])(
    'ignores brackets in strings: %s',
    (text) => {
      expect(JSON.stringify(JSON.parse(text))).toBe(text);
      const many = JSON.parse(text).replaceAll('[', '['.repeat(100)).replaceAll('{', '{'.repeat(100));
      expect(code(JSON.stringify([many]))).toBe(null);
      expect(code(nested(jsonDepthMax + 1, text))).toBe('INPUT_NOT_JSON');
      expect(code(nested(jsonDepthMax, text))).toBe(null);
    },
  );

  test('leaves room for a request with the deepest filter', () => {
    const joined = filterDepthMax - 1;
    expect(code(`{"filter":${'{"$and":['.repeat(joined)}{"year":{"$in":[1]}}${']}'.repeat(joined)}}`)).toBe(null);
  });

  test('equals what a walk over the value finds', () => {
    const depthOf = (value: unknown): number =>
      typeof value === 'object' && value !== null
        ? 1 + Math.max(0, ...Object.values(value as object).map((inner) => depthOf(inner)))
        : 0;
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 5 }),
        fc.integer({ min: jsonDepthMax - 6, max: jsonDepthMax + 1 }),
        (value, levels) => {
          const text = JSON.stringify(value);
          fc.pre(code(text) === null);
          expect(code(nested(levels, text))).toBe(levels + depthOf(value) > jsonDepthMax ? 'INPUT_NOT_JSON' : null);
        },
      ),
    );
  });
});
