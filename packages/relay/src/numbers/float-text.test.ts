import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shortest, toNumbers } from './float-text.ts';

const float = fc.float({ noNaN: true, noDefaultInfinity: true });

test('leads back to the same float, with no more digits than needed', () => {
  expect([0.1, -0.3, 1e-30, 16_777_216, 0.5].map((value) => shortest(Math.fround(value)))).toEqual([
    0.1, -0.3, 1e-30, 16_777_216, 0.5,
  ]);
  fc.assert(
    fc.property(float, (value) => {
      const short = shortest(value);
      expect(Math.fround(short) === value).toBe(true);
      expect(JSON.stringify(short).length).toBeLessThanOrEqual(JSON.stringify(value).length);
    }),
  );
});

test('writes vectors in their order', async () => {
  const vectors = Array.from({ length: 40 }, (_, at) => new Float32Array(1_000).fill(at / 10));
  expect(await toNumbers(vectors)).toEqual(vectors.map((_, at) => Array(1_000).fill(at / 10)));
});
