import { expect, test } from 'vitest';
import { createLog, stderrLog } from './log.ts';

function logged(json: boolean, write: (log: ReturnType<typeof createLog>) => void): string[] {
  const lines: string[] = [];
  write(createLog({ json, now: () => Date.UTC(2026, 0, 2, 3, 4, 5), write: (line) => void lines.push(line) }));
  return lines;
}

test('a plain line is for people', () => {
  expect(logged(false, (log) => log.info('gateway-listening', { url: 'http://127.0.0.1:8080', proofs: 3 }))).toEqual([
    '03:04:05 gateway-listening url=http://127.0.0.1:8080 proofs=3',
  ]);
  expect(logged(false, (log) => log.warn('disk-slow', { what: 'two words', none: undefined }))).toEqual([
    '03:04:05 warn disk-slow what="two words"',
  ]);
});

test('a JSON line is for machines', () => {
  const [line] = logged(true, (log) =>
    log.error('failed', { error: Object.assign(new Error('no space'), { code: 'ENOSPC' }), at: 5n }),
  );
  expect(JSON.parse(line!)).toEqual({
    time: '2026-01-02T03:04:05.000Z',
    level: 'error',
    event: 'failed',
    error: 'ENOSPC: no space',
    at: '5',
  });
});

test.each([true, false])('secrets and raw bytes are never shown (JSON: %j)', (json) => {
  const [line] = logged(json, (log) =>
    log.info('opened', {
      apiKey: 'hunter2',
      seed: 'hunter2',
      authorization: 'hunter2',
      inner: { privateKey: 'hunter2' },
      bytes: new Uint8Array(32),
    }),
  );
  expect(line).not.toContain('hunter2');
  expect(line).toContain('[hidden]');
  expect(line).toContain('32 bytes');
});

test.each([true, false])('hostile text neither forges lines nor controls a terminal (JSON: %j)', (json) => {
  const [line] = logged(json, (log) => log.info('asked', { by: 'a\n00:00:00 forged\u001b[2J\u2028' }));
  for (const control of ['\n', '\u001b']) expect(line).not.toContain(control);
  expect(line).toContain('forged');
});

test('LOG_JSON decides, otherwise whether a terminal reads', () => {
  const lineOf = (isTTY: boolean, env: NodeJS.ProcessEnv) => {
    let text = '';
    stderrLog({ isTTY, write: (line: string) => (text += line) }, env, () => 0).info('event');
    return text;
  };
  expect(lineOf(true, {})).toBe('00:00:00 event\n');
  expect(lineOf(false, {})).toMatch(/^\{.*\}\n$/);
  expect(lineOf(true, { LOG_JSON: '1' })).toMatch(/^\{/);
  expect(lineOf(false, { LOG_JSON: '0' })).toBe('00:00:00 event\n');
});
