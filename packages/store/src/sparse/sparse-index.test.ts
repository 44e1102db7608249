import { toSparse, type SparseVector } from '@tributary/schemas';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { createBitmap, setBit } from '../slots/bitmap.ts';
import { createTopK } from '../slots/top-k.ts';
import { slotsOf } from '../vectors/vector-index.suite.ts';
import { createSparseIndex, type SparseIndex } from './sparse-index.ts';

// Slow on a busy machine, where much is built and compared.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const of = (pairs: Record<number, number>): SparseVector =>
  toSparse({ indices: Object.keys(pairs).map(Number), values: Object.values(pairs) })!;

function best(index: SparseIndex, namespace: string, query: SparseVector, count: number, allowed?: number[]): [number, number][] {
  const bits = createBitmap(64);
  for (const slot of allowed ?? []) setBit(bits, slot);
  const top = createTopK();
  index.sumUp(namespace, query);
  index.best(count, allowed === undefined ? null : bits, top);
  return slotsOf(top).map((slot, at) => [slot, top.keys[at]!]);
}

interface Held {
  namespace: string;
  vector: SparseVector | null;
}

/** Every vector of the namespace that has an index in common, summed in the order of the question. */
function naive(held: ReadonlyMap<number, Held>, namespace: string, { indices, values }: SparseVector): [number, number][] {
  const sums: [number, number][] = [];
  for (const [slot, { namespace: own, vector }] of held) {
    if (own !== namespace || vector === null) continue;
    let [sum, shared] = [0, 0];
    indices.forEach((index, at) => {
      const place = vector.indices.indexOf(index);
      if (place < 0) return;
      sum += values[at]! * vector.values[place]!;
      shared += 1;
    });
    if (shared > 0) sums.push([slot, sum]);
  }
  return sums.toSorted(([slot, sum], [other, otherSum]) => otherSum - sum || slot - other);
}

const value = fc.float({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }).filter((number) => number !== 0);
const vector = fc
  .dictionary(fc.constantFrom('0', '1', '2', '9', '70000', '4294967295'), value, { minKeys: 1 })
  .map((pairs) => of(pairs as Record<number, number>));
const step = fc.record({
  slot: fc.nat(20),
  namespace: fc.constantFrom('', 'a'),
  vector: fc.option(vector),
  removes: fc.boolean(),
});

describe('the sparse index', () => {
  it('finds what brute force finds, with the same bits, after any changes', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60 }),
        fc.array(vector, { minLength: 1, maxLength: 4 }),
        fc.nat(6),
        (steps, queries, count) => {
          const index = createSparseIndex();
          const held = new Map<number, Held>();
          for (const { slot, namespace, vector: pairs, removes } of steps) {
            if (removes) {
              index.remove(slot);
              held.delete(slot);
            } else {
              index.put(slot, namespace, pairs);
              held.set(slot, { namespace, vector: pairs });
            }
          }
          for (const query of queries) {
            for (const namespace of ['', 'a', 'none']) {
              const expected = naive(held, namespace, query);
              expect(best(index, namespace, query, count)).toEqual(expected.slice(0, count));
              const allowed = [...held.keys()].filter((slot) => slot % 2 === 0);
              expect(best(index, namespace, query, count, allowed)).toEqual(
                expected.filter(([slot]) => slot % 2 === 0).slice(0, count),
              );
              const sums = new Map(expected);
              for (let slot = 0; slot <= 25; slot += 1) expect(index.sumOf(slot)).toBe(sums.get(slot) ?? 0);
            }
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('orders equal products by slot, and negative ones last', () => {
    const index = createSparseIndex();
    for (const slot of [5, 3, 8]) index.put(slot, '', of({ 7: 1 }));
    index.put(1, '', of({ 7: -1 }));
    index.put(2, '', of({ 8: 1 }));
    expect(best(index, '', of({ 7: 2 }), 9)).toEqual([
      [3, 2],
      [5, 2],
      [8, 2],
      [1, -2],
    ]);
  });

  it('finds a vector whose products cancel, because it has indices in common', () => {
    const index = createSparseIndex();
    index.put(4, '', of({ 1: 1, 2: 1 }));
    expect(best(index, '', of({ 1: 1, 2: -1 }), 9)).toEqual([[4, 0]]);
  });

  it('forgets what was replaced, and its memory stays in proportion to what is held', () => {
    const index = createSparseIndex();
    const held = new Map<number, Held>();
    for (let round = 0; round < 60_000; round += 1) {
      const slot = round % 97;
      const pairs = of({ [round % 13]: 1 + (round % 7), [100 + (round % 1_009)]: 0.5 });
      index.put(slot, '', pairs);
      held.set(slot, { namespace: '', vector: pairs });
    }
    for (let number = 0; number < 13; number += 1) {
      expect(best(index, '', of({ [number]: 3 }), 200)).toEqual(naive(held, '', of({ [number]: 3 })));
    }
    expect(index.memoryBytes()).toBeLessThan(2_000_000);
    for (let slot = 0; slot < 97; slot += 1) index.remove(slot);
    expect(best(index, '', of({ 1: 1, 2: 1 }), 200)).toEqual([]);
    index.put(9, '', of({ 1: 1 }));
    expect(best(index, '', of({ 1: 1, 2: 1 }), 200)).toEqual([[9, 1]]);
  });
});
