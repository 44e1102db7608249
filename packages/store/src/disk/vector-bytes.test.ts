import fc from 'fast-check';
import { expect, it } from 'vitest';
import { packVector, unpackVector } from './vector-bytes.ts';

const same = (vector: Float32Array): void => {
  const back = unpackVector(packVector(vector));
  expect(new Uint8Array(back.buffer)).toEqual(new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength));
};

it('gives every bit of any vector back', () => {
  fc.assert(fc.property(fc.float32Array({ maxLength: 60 }), same));
  const bits = fc.uint32Array({ maxLength: 60 }).map((words) => new Float32Array(words.buffer));
  fc.assert(fc.property(bits, same));
});

it('gives back the smallest, the largest, zeros of both signs, and what lies at the ends of the range', () => {
  for (const vector of [[], [0], [-0, 0], [1e-45, -1e-45], [3.4e38, 0, -1], [1, 2 ** -11, -(2 ** -12), 2 ** -14, 2 ** -40]])
    same(Float32Array.from(vector));
});

it('takes a tenth less for what a model gives', () => {
  let state = 1;
  const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const vectors = Array.from({ length: 200 }, () =>
    Float32Array.from({ length: 384 }, () => (random() + random() + random() - 1.5) / 10),
  );
  const bytes = vectors.reduce((sum, vector) => sum + packVector(vector).length, 0);
  expect(bytes / (200 * 384 * 4)).toBeLessThan(0.9);
});

it('refuses what is not a vector', () => {
  expect(() => unpackVector(Uint8Array.of(60, 0, 0))).toThrow();
  expect(() => unpackVector(Uint8Array.of(0xff, 0, 0))).toThrow();
});
