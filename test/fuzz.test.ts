// A few seconds of `npm run fuzz` with a new seed each time. A failure prints the command that repeats it.
import { randomInt } from 'node:crypto';
import { expect, it } from 'vitest';
import { fuzz } from './fuzz/run.ts';

const seed = randomInt(2 ** 32);

it.each([
  ['frames', 3_000],
  ['tcp', 300],
  ['bundles', 1_000],
  ['http', 400],
  ['pinecone', 400],
])(`${seed}: %s: no crash, no hang, bounded memory, honest callers served`, { timeout: 120_000 }, async (kind, count) => {
  const result = await fuzz({ kind, seed, count });
  expect(result).toMatchObject({ kind, inputs: count });
});
