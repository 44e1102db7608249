// A short form of `npm run storm`: one plan, whose processes interleave in another way each time. A failure prints the
// command that repeats it.
import { expect, it } from 'vitest';
import { storm } from './storm/run.ts';

const seed = 7;
/** Half a minute on a quiet machine. */
const timeout = 900_000;

it(`${seed}: crash: nothing acknowledged is lost, nothing is charged twice`, { timeout }, async () => {
  const { failures } = await storm({ kind: 'crash', seed, rounds: 1, log: console.log });
  expect(failures).toEqual([]);
});
