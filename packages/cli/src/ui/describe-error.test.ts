import { readFile, readdir, writeFile } from 'node:fs/promises';
import { TributaryError } from '@tributary/schemas';
import { expect, test } from 'vitest';
import { describeError } from './describe-error.ts';

const caught = async (work: Promise<unknown>): Promise<unknown> => work.then(() => null).catch((error: unknown) => error);

test('prints errors with our codes unchanged', () => {
  expect(describeError(new TributaryError('USAGE', 'K is 1 to 9'))).toBe('K is 1 to 9 (USAGE)');
});

test('explains system errors, with the path', async () => {
  expect(describeError(await caught(readFile('/nowhere/at/all')))).toBe('/nowhere/at/all does not exist (PATH_NOT_FOUND)');
  expect(describeError(await caught(readdir(import.meta.filename)))).toContain('is a file where a folder is needed');
  expect(describeError(await caught(writeFile(import.meta.dirname, '')))).toContain('is a folder; a file is needed');
});

test('hides the text of other libraries, unless debugging is on', () => {
  const error = new TypeError('expected record, received undefined at multiaddr 12D3KooW…');
  expect(describeError(error, {})).not.toContain('record');
  expect(describeError(error, {})).toMatch(/TRIBUTARY_DEBUG=1.*\(INTERNAL\)$/);
  expect(describeError(error, { TRIBUTARY_DEBUG: '1' })).toContain('expected record');
});

test('prints the first error of an AggregateError', () => {
  const inner = new TributaryError('NO_PROVIDER', 'nobody is there');
  expect(describeError(new AggregateError([new AggregateError([inner]), new Error('x')]))).toBe('nobody is there (NO_PROVIDER)');
});

test('says when to try again', () => {
  const refused = Object.assign(new TributaryError('RATE_LIMITED', 'slower, please'), { retryAfterMs: 30_000 });
  expect(describeError(refused)).toBe('slower, please; try again in 30 s (RATE_LIMITED)');
  expect(describeError(Object.assign(refused, { retryAfterMs: null }))).toBe('slower, please (RATE_LIMITED)');
});
