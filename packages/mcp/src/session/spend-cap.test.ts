import { expect, test } from 'vitest';
import { sessionIdleMs } from '../limits.ts';
import { createSessionCaps } from './session-caps.ts';
import { createSpendCap } from './spend-cap.ts';

test('what is set aside cannot be spent again until it is settled, and only the charge stays spent', () => {
  const session = createSpendCap(10n);
  const [one, two] = [session.reserve(6n), session.reserve(4n)];
  expect(() => session.reserve(1n)).toThrow(expect.objectContaining({ code: 'SESSION_CAP' }));
  one.settle(2n);
  one.settle(0n);
  expect([session.spent(), session.left()]).toEqual([2n, 4n]);
  two.settle(0n);
  expect(session.left()).toBe(8n);
  session.reserve(8n).settle(8n);
  expect(() => session.reserve(1n)).toThrow();
  session.reserve(0n).settle(0n);
});

test('without a cap everything is allowed and counted', () => {
  const session = createSpendCap(null);
  session.reserve(1_000_000n).settle(5n);
  expect([session.spent(), session.left()]).toEqual([5n, null]);
});

test('a session keeps its cap while it is used, and a new one begins after a pause', () => {
  let now = 0;
  const caps = createSessionCaps(5n, () => now);
  caps.of('a').reserve(3n).settle(3n);
  now += sessionIdleMs - 1;
  expect([caps.of('a').left(), caps.of('b').left()]).toEqual([2n, 5n]);
  now += sessionIdleMs;
  expect(caps.of('a').left()).toBe(5n);
});
