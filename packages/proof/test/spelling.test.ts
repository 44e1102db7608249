// A bundle is a JSON value: every spelling of it verifies, every other value is refused. Tested with tools that people
// really use.
import { execFileSync } from 'node:child_process';
import type { Bundle } from '@tributary/schemas';
import { describe, expect, test } from 'vitest';
import { makeTestBundle } from './_bundle.ts';
import { parseBundle, serializeBundle, verifyBundle } from '../src/index.ts';
import { utf8 } from '../src/primitives.ts';

const paid = makeTestBundle();
const file = serializeBundle(paid);
const honest = verifyBundle(file);
const reversed = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(reversed)
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .toReversed()
            .map(([key, member]) => [key, reversed(member)]),
        )
      : value;
const swap = (text: string, find: string | RegExp, to: string) => {
  expect(text).toMatch(find);
  return text.replace(find, () => to);
};

describe('every spelling of the value verifies alike', () => {
  test.each<[string, unknown]>([
    ['JSON.stringify', JSON.stringify(paid)],
    ['another indentation', JSON.stringify(paid, null, '\t')],
    ['no final newline', file.slice(0, -1)],
    ['carriage returns', file.replaceAll('\n', '\r\n')],
    ['members in another order', JSON.stringify(reversed(paid))],
    ['a number written 1.0', swap(file, '"v": 1,', '"v": 1.0,')],
    ['a number with an exponent', swap(file, '"v": 1,', '"v": 10e-1,')],
    ['an escape that is not needed', swap(file, 'tributary/bundle', 'tributary\\/\\u0062undle')],
    ['bytes', utf8(file)],
    ['the value itself, as of an answer over HTTP', (JSON.parse(JSON.stringify({ proof: paid })) as { proof: Bundle }).proof],
  ])('%s', (_name, input) => {
    expect(verifyBundle(input)).toEqual(honest);
    expect(serializeBundle(parseBundle(input))).toBe(file);
  });
  test('the honest one passes', () => {
    expect(honest).toMatchObject({ ok: true, failed: null });
  });
});

describe('as other tools write it', () => {
  const run = (command: string, args: string[], input: string) => {
    try {
      return execFileSync(command, args, { input, maxBuffer: 1 << 26, stdio: ['pipe', 'pipe', 'pipe'] });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  };
  test.for([
    ['', 'as it is'],
    ['indent=4', 'indented'],
    ['ensure_ascii=False', 'with letters beyond ASCII'],
    ['indent=2, ensure_ascii=False, sort_keys=True', 'sorted'],
    ["separators=(',', ':')", 'without white space'],
  ])("Python's json.dump(%s), %s", ([options], { skip }) => {
    const script = `import sys, json; proof = json.loads(sys.stdin.buffer.read())["proof"]; sys.stdout.reconfigure(encoding="utf-8"); json.dump(proof, sys.stdout${options ? `, ${options}` : ''})`;
    const written = run('python3', ['-c', script], JSON.stringify({ proof: paid }));
    if (written === null) skip('python3 is not installed');
    else expect(verifyBundle(new Uint8Array(written))).toEqual(honest);
  });
  test.for([[['.']], [['-c', '.']], [['-S', '.']], [['-a', '.proof // .']]] as const)('jq %j', ([args], { skip }) => {
    const written = run('jq', [...args], file);
    if (written === null) skip('jq is not installed');
    else expect(verifyBundle(new Uint8Array(written))).toEqual(honest);
  });
});

describe('another value, or a second reading, is refused', () => {
  const nested = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  test.each<[string, unknown]>([
    ['a repeated member', swap(file, '"v": 1,', '"v": 1,\n  "v": 1,')],
    ['a repeated member, escaped', swap(file, '"v": 1,', '"v": 1,\n  "\\u0076": 1,')],
    ['a repeated member, deep down', swap(file, /"charge": "\d+",/, '"charge": "157", "charge": "157",')],
    ['a byte order mark', `\ufeff${file}`],
    ['an unknown member', swap(file, '"v": 1,', '"v": 1,\n  "x": 1,')],
    ['an unknown member, deep down', swap(file, '"nonce": ', '"x": 1, "nonce": ')],
    ['an unknown member of a value', { ...paid, x: 1 }],
    ['__proto__', swap(file, '"v": 1,', '"v": 1,\n  "__proto__": 1,')],
    ['__proto__ of a value', JSON.parse(swap(file, '"v": 1,', '"v": 1,\n  "__proto__": {},'))],
    ['another version', swap(file, '"v": 1,', '"v": 2,')],
    ['a lone surrogate', swap(file, '"body": "', '"body": "\\ud800')],
    ['base64url with a set unused bit', file.replace(/("nonce": "[^"]{42})./, '$1B')],
    ['an integer beyond 2^53', swap(file, /"servedAt": \d+/, '"servedAt": 9007199254740993')],
    ['a fraction that rounds to the value', swap(file, '"v": 1,', '"v": 1.00000000000000000001,')],
    ['minus zero', swap(JSON.stringify(makeTestBundle({ free: true })), '"sequence":0,', '"sequence":-0,')],
    ['a number as text', swap(file, '"v": 1,', '"v": "1",')],
    ['deep nesting', nested],
    ['not UTF-8', Uint8Array.of(0x7b, 0xff, 0x7d)],
    ['empty', ''],
    ['truncated', file.slice(0, file.length / 2)],
    ['two of them', file + file],
    ['too long', new Uint8Array(16_777_217)],
    ['null', null],
    ['undefined', undefined],
    ['a function', () => paid],
  ])('%s', (_name, input) => {
    expect(verifyBundle(input)).toMatchObject({ ok: false, failed: { code: 'BUNDLE_SHAPE' } });
  });

  test('white space in a text that is hashed is another value', () => {
    expect(verifyBundle(swap(file, '"body": "{', '"body": " {')).failed?.code).toBe('REQUEST_HASH');
  });
});
