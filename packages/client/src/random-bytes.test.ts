import { expect, it } from 'vitest';
import { createRandomBytes } from './random-bytes.ts';

/** Fills with 1, 2, 3, … over all calls, and counts them. */
function counting() {
  let [next, calls] = [1, 0];
  const fill = (bytes: Uint8Array): void => {
    calls += 1;
    for (let at = 0; at < bytes.length; at += 1) bytes[at] = next++ % 251;
  };
  return { fill, calls: () => calls };
}

it('hands out each byte once, in turn, and draws many at once', () => {
  const source = counting();
  const randomBytes = createRandomBytes(source.fill);
  const given = Array.from({ length: 128 }, () => randomBytes(32));
  expect(Buffer.concat(given)).toEqual(Buffer.from(Array.from({ length: 4_096 }, (_, at) => (at + 1) % 251)));
  expect(source.calls()).toBe(1);
  expect(randomBytes(3)).toEqual(Uint8Array.from([4_097 % 251, 4_098 % 251, 4_099 % 251]));
  expect(source.calls()).toBe(2);
});

it('draws anew rather than joining two draws, and draws long ones apart', () => {
  const source = counting();
  const randomBytes = createRandomBytes(source.fill);
  randomBytes(4_090);
  expect(randomBytes(16)).toHaveLength(16);
  expect(source.calls()).toBe(2);
  expect(randomBytes(5_000)).toHaveLength(5_000);
  expect(source.calls()).toBe(3);
  expect(randomBytes(0)).toHaveLength(0);
});

it('gives bytes that nobody else can change', () => {
  const randomBytes = createRandomBytes(counting().fill);
  const first = randomBytes(16);
  const second = randomBytes(16);
  first.fill(0);
  expect(second[0]).toBe(17);
});

it('draws from the platform', () => {
  const randomBytes = createRandomBytes();
  const seen = new Set(Array.from({ length: 1_000 }, () => Buffer.from(randomBytes(16)).toString('hex')));
  expect(seen.size).toBe(1_000);
});
