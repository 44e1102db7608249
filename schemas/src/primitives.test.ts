import { expect, test } from 'vitest';
import { amount } from './primitives.ts';

test.each(['0', '7', '10', String((1n << 128n) - 1n)])('money %s is read', (value) => {
  expect(amount.safeParse(value).success).toBe(true);
});

test.each([
  '',
  '-1',
  '+1',
  '01',
  '1.0',
  '1e3',
  ' 1',
  '0x10',
  String(1n << 128n),
  '9'.repeat(39),
  '9'.repeat(200),
  'f'.repeat(130),
])('money %s is refused without an exception', (value) => {
  expect(amount.safeParse(value).success).toBe(false);
});
