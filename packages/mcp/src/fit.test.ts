import { expect, test } from 'vitest';
import { clipped } from './clip.ts';
import { fitted } from './fit.ts';
import { bytesPerToken } from './limits.ts';

const item = (length: number) => ({ id: 'a', text: 'x'.repeat(length) });
const bytes = (items: object[]) => items.reduce((sum: number, one) => sum + Buffer.byteLength(JSON.stringify(one)), 0);

test('whole items are left out from the end', () => {
  const items = [item(300), item(300), item(300)];
  expect(fitted(items, 1_000)).toEqual({ items, truncated: false });
  const { items: kept, truncated } = fitted(items, 250);
  expect([kept.length, truncated]).toEqual([2, true]);
  expect(bytes(kept)).toBeLessThanOrEqual(250 * bytesPerToken);
  expect(fitted([], 100)).toEqual({ items: [], truncated: false });
});

test('a first item that is too long is cut between characters', () => {
  const { items, truncated } = fitted([{ id: 'a', text: 'ü'.repeat(1_000) }], 100);
  expect(truncated).toBe(true);
  expect(items[0]!.text).toMatch(/^ü+$/);
  expect(bytes(items)).toBeLessThanOrEqual(100 * bytesPerToken);
});

test.each(['', 'a', 'aü', 'a\u{1F3F4}', 'üü'])('the beginning of %o is well formed at each length', (text) => {
  for (let at = 0; at <= Buffer.byteLength(text) + 1; at++) {
    const cut = clipped(text, at);
    expect(text.startsWith(cut) && cut.isWellFormed() && Buffer.byteLength(cut) <= at).toBe(true);
  }
});
