import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KnownOffer } from '../discovery/types.ts';
import { share } from './share.ts';

const offerOf = (index: string, { perResult = '2', perKiB = '0', topK = 100 } = {}) =>
  ({ offer: { index, price: { base: '1', perResult, perKiB }, limits: { topK } } }) as unknown as KnownOffer;
const counts = (topK: number | undefined, ...chosen: KnownOffer[]) =>
  share({ text: 'a', ...(topK === undefined ? {} : { topK }) }, chosen).map(({ question }) => question.topK);

describe('sharing a question', () => {
  it('leaves a question to one index as it is', () => {
    expect(counts(undefined, offerOf('a'))).toEqual([undefined]);
    expect(counts(7, offerOf('a', { topK: 5 }))).toEqual([7]);
  });

  it('asks several for no more in total than is shown', () => {
    expect(counts(undefined, offerOf('a'), offerOf('b'), offerOf('c'))).toEqual([4, 3, 3]);
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 1_000 }), fc.integer({ min: 2, max: 3 }), (topK, indexes) => {
        const asked = counts(topK, ...Array.from({ length: indexes }, (_, at) => offerOf(`${at}`, { topK: 1_000 })));
        expect(asked.reduce<number>((sum, part) => sum + part!, 0)).toBe(topK);
      }),
    );
  });

  it('treats a price by length as a price, and splits if one index is paid', () => {
    const free = offerOf('a', { perResult: '0' });
    expect(counts(4, free, offerOf('b', { perResult: '0', perKiB: '1' }))).toEqual([2, 2]);
    expect(counts(4, free, free)).toEqual([4, 4]);
  });

  it('asks no index for more than its limit', () => {
    expect(counts(10, offerOf('a', { topK: 2 }), offerOf('b'))).toEqual([2, 5]);
  });

  it('refuses to share fewer results than there are indexes', () => {
    expect(() => counts(1, offerOf('a'), offerOf('b'))).toThrow(expect.objectContaining({ code: 'INDEX_AMBIGUOUS' }));
  });
});
