import { describe, expect, it } from 'vitest';
import { createRate } from './rate.ts';

describe('rate', () => {
  it('allows a minute of calls at once, then refills evenly and says how long to wait', () => {
    let now = 0;
    const rate = createRate(10, () => now);
    expect(Array.from({ length: 4 }, () => rate.take('a', 3))).toEqual([0, 0, 0, 20_000]);
    expect(rate.take('b', 3)).toBe(0);
    now = 19_999;
    expect(rate.take('a', 3)).toBe(1);
    now = 20_001;
    expect(rate.take('a', 3)).toBe(0);
    now = 0;
    expect(rate.take('a', 3)).toBeGreaterThan(0);
  });

  it('lets work run whose end decides whether it counts, and charges it afterwards', () => {
    let now = 0;
    const rate = createRate(10, () => now);
    for (let at = 0; at < 3; at += 1) expect(rate.wait('a', 2)).toBe(0);
    for (let at = 0; at < 3; at += 1) rate.spend('a', 2);
    expect(rate.wait('a', 2)).toBe(60_000);
    expect(rate.take('a', 2)).toBe(60_000);
    now = 60_000;
    expect(rate.wait('a', 2)).toBe(0);
    for (let at = 0; at < 100; at += 1) rate.spend('a', 2);
    expect(rate.wait('a', 2)).toBe(90_000);
    expect([rate.wait('a', 0), rate.take('a', 0)]).toEqual([0, 0]);
  });

  it('knows no bound at zero', () => {
    const rate = createRate(1, () => 0);
    expect(Array.from({ length: 100 }, () => rate.take('a', 0))).toEqual(Array.from({ length: 100 }, () => 0));
  });

  it('forgets the caller that called longest ago', () => {
    const rate = createRate(2, () => 0);
    for (const caller of ['a', 'b', 'a']) rate.take(caller, 2);
    expect(rate.take('c', 2)).toBe(0); // forgets b
    expect(rate.take('a', 2)).toBeGreaterThan(0);
    expect(rate.take('b', 1)).toBe(0);
  });
});
