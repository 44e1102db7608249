// A short form of `npm run storm`, with a new seed each time. A failure prints the command that repeats it.
import { randomInt } from 'node:crypto';
import { expect, it } from 'vitest';
import { storm } from './storm/run.ts';

const seed = randomInt(2 ** 32);
/** Half a minute on a quiet machine. */
const timeout = 900_000;

it(`${seed}: crash: nothing acknowledged is lost, nothing is charged twice`, { timeout }, async () => {
  const { failures } = await storm({ kind: 'crash', seed, rounds: 1, log: console.log });
  expect(failures).toEqual([]);
});
