import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { VerifiedAnswer } from '@tributary/proof';
import { merge } from './merge.ts';
import type { Verified } from './types.ts';

/** The parts of a verified answer that merge reads: results with these relevances, in their proven order. */
function verifiedOf(
  index: string,
  relevances: number[],
  notProven: string[] = ['completeness'],
  { metric = 'cosine', model = 'm', mode = 'dense', unpinned = [] as object[] } = {},
): Verified {
  const results = relevances.map((relevance, at) => ({
    score: relevance * 2,
    dense: relevance,
    bm25: null,
    relevance,
    shown: {
      id: { value: `${index}-${at}` },
      text: { value: 'text' },
      metadata: { year: { value: 2_000 + at } },
      namespace: { value: '' },
      licence: { value: null },
      source: { value: at === 0 ? { document: 'd', page: null, pageEnd: null, start: 0, end: 1 } : null },
    },
  }));
  const writes = relevances.map(() => ({ statement: { signer: `did:${index}`, custody: 'self', author: null } }));
  const answer = {
    answer: { results },
    writes,
    offer: { index },
    identity: { did: `did:${index}` },
    notProven,
    receiptHash: `hash of ${index}`,
    unpinned,
    snapshot: { manifest: { sequence: 3, time: 1_790_000_000_000, metric, model } },
  };
  const known = { offer: { index, unit: 'credit' } };
  return {
    prepared: { known, request: { mode } },
    answered: { receipt: { charge: '5' }, payment: index === 'free' ? null : { couldLose: 9n } },
    answer: answer as unknown as VerifiedAnswer,
    bundle: () => {
      throw new Error('not asked for');
    },
  } as unknown as Verified;
}
const ids = (verified: Verified[], topK: number) => merge(verified, topK).results.map(({ id }) => id);

describe('merging', () => {
  it('leaves the answer of one index as it is, whatever its relevances', () => {
    expect(ids([verifiedOf('a', [0.5, 0.9, 0.1])], 2)).toEqual(['a-0', 'a-1', 'a-2']);
  });

  it('takes the most relevant next result of any index, ties from the earlier one', () => {
    const both = [verifiedOf('a', [0.9, 0.5, 0.5]), verifiedOf('b', [0.7, 0.5, 0.1])];
    expect(ids(both, 10)).toEqual(['a-0', 'b-0', 'a-1', 'a-2', 'b-1', 'b-2']);
    expect(ids(both, 3)).toEqual(['a-0', 'b-0', 'a-1']);
    expect(ids([verifiedOf('a', []), verifiedOf('b', [0.1])], 3)).toEqual(['b-0']);
  });

  it.each([
    ['metrics', { metric: 'euclidean' }],
    ['metrics', { metric: 'dotproduct' }],
    ['models', { model: 'other' }],
  ])('does not compare relevances of different %s: the first of each comes before the second of each', (_, change) => {
    const both = [verifiedOf('a', [0.2, 0.1, 0.05]), verifiedOf('b', [0.99, 0.98], [], change)];
    expect(ids(both, 10)).toEqual(['a-0', 'b-0', 'a-1', 'b-1', 'a-2']);
    expect(ids(both, 3)).toEqual(['a-0', 'b-0', 'a-1']);
  });

  it('compares shares of what the words could reach, whatever the metric of the vectors', () => {
    const both = [
      verifiedOf('a', [0.2, 0.1], [], { mode: 'bm25' }),
      verifiedOf('b', [0.9, 0.8], [], { mode: 'bm25', metric: 'euclidean' }),
    ];
    expect(ids(both, 10)).toEqual(['b-0', 'b-1', 'a-0', 'a-1']);
  });

  it('reports the total cost and the unpinned keys', () => {
    const key = { code: 'LOG_UNPINNED', key: 'did:key:z1' };
    const merged = merge([verifiedOf('a', [0.4], [], { unpinned: [key] }), verifiedOf('b', [0.8], [], { unpinned: [key] })], 10);
    expect(merged).toMatchObject({ usage: { charge: '10', unit: 'credit' }, pinned: false, unpinned: [key] });
    expect(merged.unpinned).toHaveLength(1);
    expect(merge([verifiedOf('a', [0.4])], 10)).toMatchObject({ pinned: true, unpinned: [] });
  });

  it('renumbers the results and reports what was charged, at risk and not proven', () => {
    const { results, answers, notProven, mode } = merge(
      [verifiedOf('a', [0.4], ['fresh', 'completeness']), verifiedOf('free', [0.8], ['completeness', 'witnessed'])],
      10,
    );
    expect(results.map(({ rank, index }) => [rank, index])).toEqual([
      [1, 'free'],
      [2, 'a'],
    ]);
    expect(results[0]).toMatchObject({ metadata: { year: 2_000 }, signer: 'did:free', verified: true });
    expect(results[0]!.source).toEqual({ document: 'd', start: 0, end: 1 });
    expect(answers).toMatchObject([
      { index: 'a', usage: { charge: '5', unit: 'credit', receipt: 'hash of a' }, couldLose: '9' },
      { index: 'free', couldLose: '0', snapshot: { sequence: 3, at: '2026-09-21T14:13:20.000Z' } },
    ]);
    expect([notProven, mode]).toEqual([['completeness', 'mergedRank', 'witnessed', 'fresh'], 'dense']);
  });

  it('loses nothing, repeats nothing and keeps the order of each index', () => {
    const list = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 });
    fc.assert(
      fc.property(fc.array(list, { minLength: 2, maxLength: 3 }), (lists) => {
        const merged = ids(
          lists.map((relevances, at) => verifiedOf(`i${at}`, relevances)),
          1_000,
        );
        expect(merged).toHaveLength(lists.flat().length);
        lists.forEach((relevances, at) => {
          expect(merged.filter((id) => id.startsWith(`i${at}-`))).toEqual(relevances.map((_, place) => `i${at}-${place}`));
        });
      }),
    );
  });
});
