import { describe, expect, it } from 'vitest';
import { createHeldBytes } from './held-bytes.ts';

function shareOf(held: ReturnType<typeof createHeldBytes>, name: string, cuts: string[], stranger = true) {
  return held.join(
    () => cuts.push(name),
    () => stranger,
  );
}

describe('held bytes', () => {
  it('above the limit close the link that holds most, and only that', () => {
    const cuts: string[] = [];
    const held = createHeldBytes(100);
    const [slow, quick] = [shareOf(held, 'slow', cuts), shareOf(held, 'quick', cuts)];
    slow.add(70);
    quick.add(30);
    expect([cuts, held.bytes]).toEqual([[], 100]);
    quick.add(1);
    expect([cuts, held.bytes]).toEqual([['slow'], 31]);
    slow.add(1_000); // it is closed, so what it still reports does not count
    quick.add(-31);
    expect(held.bytes).toBe(0);
  });

  it('close the links of strangers before others', () => {
    const cuts: string[] = [];
    const held = createHeldBytes(100);
    shareOf(held, 'payer', cuts, false).add(90);
    const strangers = ['a', 'b', 'c'].map((name) => shareOf(held, name, cuts));
    for (const share of strangers) share.add(8);
    expect(cuts).toEqual(['a', 'b']);
  });

  it('close the link of a paying peer when nobody else holds anything', () => {
    const cuts: string[] = [];
    const held = createHeldBytes(100);
    shareOf(held, 'payer', cuts, false).add(101);
    expect([cuts, held.bytes]).toEqual([['payer'], 0]);
  });

  it('end with the link', () => {
    const held = createHeldBytes(100);
    const share = shareOf(held, 'x', []);
    share.add(40);
    share.leave();
    share.leave();
    expect(held.bytes).toBe(0);
  });
});
