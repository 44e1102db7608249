import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasRelevant, ndcg, recall } from './ndcg.ts';

const judged = new Map([
  ['a', 3],
  ['b', 2],
  ['c', 1],
  ['d', 0],
  ['e', -1],
]);

describe('ndcg', () => {
  it('equals a hand-computed value', () => {
    // Ranks 1, 2, 4: gains 2, 3, 1. DCG = 2/1 + 3/1.58496 + 1/2.32193 = 4.32346; ideal = 3 + 2/1.58496 + 1/2 = 4.76186.
    expect(ndcg(['b', 'a', 'x', 'c'], judged, 10)).toBeCloseTo(4.323_465 / 4.761_86, 5);
    // Cut at 2: DCG = 3.89279, ideal = 3 + 2/1.58496 = 4.26186.
    expect(ndcg(['b', 'a', 'x', 'c'], judged, 2)).toBeCloseTo(3.892_789 / 4.261_86, 5);
    // One relevant document, found third: 1 / log2(4).
    expect(ndcg(['x', 'y', 'z'], new Map([['z', 7]]), 10)).toBeCloseTo(0.5, 12);
  });

  it('is 1 for the best order, 0 without a hit, and takes judgements below 1 as not relevant', () => {
    expect(ndcg(['a', 'b', 'c'], judged, 10)).toBe(1);
    expect(ndcg(['d', 'e', 'x'], judged, 10)).toBe(0);
    expect(ndcg([], judged, 10)).toBe(0);
    expect(ndcg(['a'], new Map([['b', 0]]), 10)).toBeNaN();
    expect([hasRelevant(judged), hasRelevant(new Map([['d', 0]])), hasRelevant(new Map())]).toEqual([true, false, false]);
  });

  it('never exceeds 1 and does not fall when a more relevant document moves up', () => {
    const order = fc.shuffledSubarray(['a', 'b', 'c', 'd', 'e', 'x', 'y'], { minLength: 2 });
    fc.assert(
      fc.property(order, fc.nat(), (ranked, pick) => {
        const at = pick % (ranked.length - 1);
        const [upper, lower] = [ranked[at]!, ranked[at + 1]!];
        fc.pre((judged.get(lower) ?? 0) > Math.max(0, judged.get(upper) ?? 0));
        const better = ranked.with(at, lower).with(at + 1, upper);
        expect(ndcg(better, judged, 10)).toBeGreaterThan(ndcg(ranked, judged, 10));
        expect(ndcg(better, judged, 10)).toBeLessThanOrEqual(1 + 1e-12);
      }),
    );
  });
});

describe('recall', () => {
  it('counts each relevant document once', () => {
    expect(recall(['a', 'x', 'c'], judged, 10)).toBeCloseTo(2 / 3, 12);
    expect(recall(['a', 'x', 'c'], judged, 1)).toBeCloseTo(1 / 3, 12);
    expect(recall(['a', 'a'], judged, 10)).toBeCloseTo(1 / 3, 12);
    expect(recall(['a'], new Map(), 10)).toBeNaN();
  });
});
