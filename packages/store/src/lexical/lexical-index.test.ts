import { bm25, bm25Query, queryTerms, termCounts, terms } from '@tributary/proof/ranking';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { createBitmap, setBit } from '../slots/bitmap.ts';
import { createTopK } from '../slots/top-k.ts';
import { slotsOf } from '../vectors/vector-index.suite.ts';
import { createLexicalIndex, type LexicalIndex } from './lexical-index.ts';

// Slow on a busy machine, where much is built and compared.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

interface Text {
  namespace: string;
  text: string;
}

function best(index: LexicalIndex, namespace: string, query: string, count: number, allowed?: number[]): [number, number][] {
  const asked = queryTerms(query);
  const bits = createBitmap(64);
  for (const slot of allowed ?? []) setBit(bits, slot);
  const top = createTopK();
  const prepared = index.prepare(namespace, index.statistics(namespace, [...asked.keys()]), asked);
  index.best(prepared, count, allowed === undefined ? null : bits, top);
  return slotsOf(top).map((slot, at) => [slot, top.keys[at]!]);
}

/** The same by counting and scoring every text. */
function naive(texts: ReadonlyMap<number, Text>, namespace: string, query: string): { slot: number; score: number }[] {
  const own = [...texts]
    .filter(([, text]) => text.namespace === namespace)
    .map(([slot, { text }]) => ({ slot, found: terms(text) }));
  const statistics = {
    records: own.length,
    averageLength: own.length === 0 ? 0 : own.reduce((sum, { found }) => sum + found.length, 0) / own.length,
    terms: Object.fromEntries(
      [...queryTerms(query).keys()].map((term) => [term, own.filter(({ found }) => found.includes(term)).length]),
    ),
  };
  const prepared = bm25Query(statistics, queryTerms(query));
  return own
    .map(({ slot, found }) => ({ slot, score: bm25(prepared, termCounts(found), found.length) }))
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score || a.slot - b.slot);
}

describe('lexical index', () => {
  const index = createLexicalIndex();
  index.put(4, 'docs', 'The river flows to the sea.');
  index.put(2, 'docs', 'Rivers and more rivers: a river system.');
  index.put(9, 'docs', 'Mountains.');
  index.put(7, 'docs', '');
  index.put(1, 'other', 'river river river');

  it('counts the live texts of the namespace', () => {
    expect(index.statistics('docs', ['river', 'lake'])).toEqual({
      records: 4,
      averageLength: 9 / 4,
      terms: { river: 2, lake: 0 },
    });
    expect(index.statistics('nowhere', ['river'])).toEqual({ records: 0, averageLength: 0, terms: { river: 0 } });
  });

  it('ranks by BM25 within the namespace and among the allowed', () => {
    expect(best(index, 'docs', 'river', 10).map(([slot]) => slot)).toEqual([2, 4]);
    expect(best(index, 'docs', 'river mountain', 1).map(([slot]) => slot)).toEqual([9]);
    expect(best(index, 'docs', 'river', 10, [4, 9]).map(([slot]) => slot)).toEqual([4]);
    expect(best(index, 'docs', 'lake', 10)).toEqual([]);
    expect(best(index, 'nowhere', 'river', 10)).toEqual([]);
  });

  it('scores one slot as in the ranking', () => {
    const prepared = index.prepare('docs', index.statistics('docs', ['river', 'sea']), queryTerms('river sea'));
    for (const [slot, score] of best(index, 'docs', 'river sea', 10)) expect(index.scoreOf(prepared, slot)).toBe(score);
    expect(index.scoreOf(prepared, 9)).toBe(0);
    expect(index.scoreOf(prepared, 1_000)).toBe(0);
  });

  it('keeps ties in the order of slots', () => {
    const ties = createLexicalIndex();
    for (const slot of [8, 3, 5, 1]) ties.put(slot, '', 'same words');
    expect(best(ties, '', 'words', 3).map(([slot]) => slot)).toEqual([1, 3, 5]);
  });

  it('agrees with counting everything after any writes', () => {
    const word = fc.constantFrom('river', 'sea', 'lake', 'delta', '2024', '1', '河川', 'été', 'the');
    const text = fc.array(word, { maxLength: 12 }).map((words) => words.join(' '));
    const slot = fc.nat(15);
    const namespace = fc.constantFrom('', 'a', 'b');
    const write = fc.oneof(
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('put' as const), slot, namespace, text }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), slot }) },
    );
    fc.assert(
      fc.property(fc.array(write, { maxLength: 80 }), text, fc.nat(6), (writes, query, count) => {
        const tested = createLexicalIndex();
        const texts = new Map<number, Text>();
        for (const each of writes) {
          if (each.kind === 'put') {
            tested.put(each.slot, each.namespace, each.text);
            texts.set(each.slot, each);
          } else {
            tested.remove(each.slot);
            texts.delete(each.slot);
          }
        }
        for (const name of ['', 'a', 'b']) {
          const wanted = naive(texts, name, query).slice(0, count);
          expect(best(tested, name, query, count)).toEqual(wanted.map(({ slot: at, score }) => [at, score]));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('stays right and bounded when texts are replaced over and over', () => {
    const tested = createLexicalIndex();
    const texts = new Map<number, Text>();
    const words = ['river', 'sea', 'lake', 'delta', 'spring', 'pond', 'brook'];
    let bytes = 0;
    for (let round = 0; round < 90_000; round += 1) {
      const slot = (round * 7) % 50;
      const text = `${words[round % 7]} ${words[(round >> 3) % 7]} ${words[(round >> 5) % 7]}`;
      tested.put(slot, 'n', text);
      texts.set(slot, { namespace: 'n', text });
      if (round === 70_000) bytes = tested.memoryBytes();
    }
    expect(tested.memoryBytes()).toBeLessThanOrEqual(bytes);
    for (const query of ['river', 'sea lake', 'delta spring pond']) {
      expect(best(tested, 'n', query, 60)).toEqual(naive(texts, 'n', query).map(({ slot, score }) => [slot, score]));
    }
  });
});
