// A short form of `npm run storm`, with a new seed each time. A failure prints the command that repeats it.
import { randomInt } from 'node:crypto';
import { expect, it } from 'vitest';
import { storm } from './storm/run.ts';

const seed = randomInt(2 ** 32);

it.each([
  ['crash', 1],
  ['damage', 8],
])(`${seed}: %s: no acknowledged write, answer or credit is lost, nothing damaged is used`, async (kind, rounds) => {
  const { failures } = await storm({ kind, seed, rounds, log: console.log });
  expect(failures).toEqual([]);
});
