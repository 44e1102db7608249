import { expect, test } from 'vitest';
import { parseCanonical } from './strict-json.ts';

const code = (text: string) => {
  try {
    parseCanonical(text, 'test', 1_000);
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
