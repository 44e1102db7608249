import { expect, it } from 'vitest';
import { createPace } from './pace.ts';

const signal = new AbortController().signal;

it('lets no more than the rate pass on average', async () => {
  let now = 0;
  const pace = createPace(
    100,
    () => now,
    async (ms) => void (now += ms),
  );
  const begins: number[] = [];
  for (const records of [50, 100, 10]) {
    await pace(records, signal);
    begins.push(now);
  }
  expect(begins).toEqual([0, 500, 1_500]);
  now = 60_000;
  await pace(100, signal);
  await pace(100, signal);
  expect(now).toBe(61_000);
});
it('never waits without a rate', async () => {
  const pace = createPace(
    null,
    () => 0,
    () => Promise.reject(new Error('waited')),
  );
  for (let times = 0; times < 3; times += 1) await pace(1_000_000, signal);
});
