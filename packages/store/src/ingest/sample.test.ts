import { expect, it } from 'vitest';
import { createSample } from './sample.ts';

it('takes records from all over a collection and scales by length of text', async () => {
  const sample = createSample(8);
  for (let at = 0; at < 1_000; at += 1) sample.add({ id: String(at), text: 'x'.repeat(10) });
  let time = 0;
  const seen: number[] = [];
  const seconds = await sample.measure(
    async (records) => {
      seen.push(...records.map(({ id }) => Number(id)));
      time += records.length * 10;
    },
    () => time,
  );
  expect(sample.count).toBe(1_000);
  expect(seconds).toBeCloseTo(10);
  expect(seen.length).toBeLessThanOrEqual(8);
  expect(Math.max(...seen)).toBeGreaterThan(500);
});

it('stops measuring on a slow machine, and gives no estimate for an empty collection', async () => {
  const slow = createSample();
  for (let at = 0; at < 24; at += 1) slow.add({ id: String(at), text: 'x' });
  let [time, embedded] = [0, 0];
  const seconds = await slow.measure(
    async (records) => {
      embedded += records.length;
      time += 5_000;
    },
    () => time,
  );
  expect(embedded).toBe(8);
  expect(seconds).toBeCloseTo(30);
  expect(await createSample().measure(async () => undefined)).toBe(null);
});
