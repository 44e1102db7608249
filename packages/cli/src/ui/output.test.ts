import { Writable } from 'node:stream';
import { TributaryError } from '@tributary/schemas';
import { describe, expect, it } from 'vitest';
import { describeError } from './describe-error.ts';
import { createOutput, wrap, type OutputStream } from './output.ts';

function terminal() {
  const said = { out: '', err: '' };
  const stream = (name: keyof typeof said) =>
    new Writable({ write: (chunk, _, done) => done(void (said[name] += String(chunk))) }) as unknown as OutputStream;
  return { said, output: createOutput(stream('out'), stream('err')) };
}

describe('output', () => {
  it.each([
    ['a line end', 'credit\nVERIFIED', 'credit\\u000aVERIFIED'],
    ['a carriage return', 'credit\rVERIFIED', 'credit\\u000dVERIFIED'],
    ['an escape sequence', '\u001b[2J\u001b[1;32mOK', '\\u001b[2J\\u001b[1;32mOK'],
    ['an 8-bit escape sequence', '\u009b2J', '\\u009b2J'],
    ['a backspace and a delete', 'a\b\u007f', 'a\\u0008\\u007f'],
    ['bidi overrides', '\u202e0.1\u202c \u2066x\u2069', '\\u202e0.1\\u202c \\u2066x\\u2069'],
    [
      'every bidi control',
      '\u202a\u202b\u202d\u2067\u2068\u200e\u200f\u061c',
      '\\u202a\\u202b\\u202d\\u2067\\u2068\\u200e\\u200f\\u061c',
    ],
    ['line separators', 'a\u2028b\u2029c\u0085d', 'a\\u2028b\\u2029c\\u0085d'],
    ['a tag beyond the first plane', '\u{e0041}', '\\udb40\\udc41'],
    ['half a character', '\ud800', '\\ud800'],
    ['letters that show nothing', 'a\u3164\u2800', 'a\\u3164\\u2800'],
  ])('shows %s instead of obeying it', (_, text, shown) => {
    const { output, said } = terminal();
    output.line(text);
    output.note(text);
    expect(said).toEqual({ out: `${shown}\n`, err: `${shown}\n` });
  });

  it('leaves text in every script unchanged, including tabs', () => {
    const { output, said } = terminal();
    const text = '\tDie Flut, паводок, 洪水, فيضان, बाढ़, 🌊, e\u0301';
    output.line(text);
    expect(said.out).toBe(`${text}\n`);
  });

  it('prints JSON that keeps its value', () => {
    const { output, said } = terminal();
    const value = { unit: 'credit\n\u202e\u009b', list: ['\u{e0041}', '\u2028'] };
    output.json(value);
    expect(JSON.parse(said.out)).toEqual(value);
    expect(said.out).toMatch(/^[\x20-\x7e\n]+$/);
  });

  it('keeps an error message on one line and without control characters', () => {
    const painted = new TributaryError('RATE_LIMITED', `wait\n${' '.repeat(90)}VERIFIED with pinned keys\n  index rivers`);
    expect(describeError(painted)).toBe('wait VERIFIED with pinned keys index rivers (RATE_LIMITED)');
  });

  it('wraps passages, each line indented', () => {
    expect(wrap('one two three\n  code', 12, '    ')).toEqual(['    one two', '    three', '      code']);
  });
});
