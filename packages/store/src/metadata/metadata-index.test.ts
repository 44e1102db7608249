import { filterTest, parseFilter } from '@tributary/proof/ranking';
import type { Metadata } from '@tributary/schemas';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { createBitmap, growBitmap, hasBit, intersect, listBits, setBit } from '../slots/bitmap.ts';
import { createMetadataIndex, type MetadataIndex } from './metadata-index.ts';

// Slow on a busy machine, where much is built and compared.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const SLOTS = 40;

function matching(index: MetadataIndex, filter: object, live: ReadonlyMap<number, Metadata>): number[] {
  const bits = createBitmap();
  growBitmap(bits, SLOTS);
  for (const slot of live.keys()) setBit(bits, slot);
  intersect(bits, index.matching(parseFilter(filter), SLOTS));
  const into = new Uint32Array(SLOTS);
  return [...into.subarray(0, listBits(bits, into))];
}

const key = fc.constantFrom('a', 'b', 'constructor', '__proto__');
const word = fc.constantFrom('', 'x', 'y', '1', 'true');
const number = fc.constantFrom(0, -0, 1, 1.5, -3, 1e300);
const scalar = fc.oneof(word, number, fc.boolean());
const value = fc.oneof(scalar, fc.array(word, { maxLength: 3 }));
const metadata = fc.dictionary(key, value, { maxKeys: 3 });
const condition = fc.oneof(
  fc.tuple(fc.constantFrom('$eq', '$ne'), scalar),
  fc.tuple(fc.constantFrom('$gt', '$gte', '$lt', '$lte'), number),
  fc.tuple(fc.constantFrom('$in', '$nin'), fc.array(scalar, { maxLength: 4 })),
  fc.tuple(fc.constant('$exists'), fc.boolean()),
);
const { filter } = fc.letrec<{ filter: object }>((tie) => ({
  filter: fc.oneof(
    { depthSize: 'small' },
    fc.tuple(key, condition).map(([field, [operator, operand]]) => Object.fromEntries([[field, { [operator]: operand }]])),
    fc.tuple(key, scalar).map(([field, operand]) => Object.fromEntries([[field, operand]])),
    fc
      .tuple(fc.constantFrom('$and', '$or'), fc.array(tie('filter'), { minLength: 1, maxLength: 3 }))
      .map(([operator, parts]) => ({ [operator]: parts })),
  ),
}));

describe('metadata index', () => {
  it('agrees with testing every record, for any filter after any writes', () => {
    const write = fc.tuple(fc.nat(SLOTS - 1), fc.option(metadata, { freq: 3 }));
    fc.assert(
      fc.property(fc.array(write, { maxLength: 80 }), fc.array(filter, { maxLength: 4 }), (writes, filters) => {
        const index = createMetadataIndex();
        const live = new Map<number, Metadata>();
        for (const [slot, fields] of writes) {
          if (fields === null) {
            index.remove(slot);
            live.delete(slot);
          } else {
            index.put(slot, fields);
            live.set(slot, fields);
          }
        }
        for (const each of filters) {
          const test = filterTest(parseFilter(each));
          const wanted = [...live].filter(([, fields]) => test(fields)).map(([slot]) => slot);
          expect(matching(index, each, live)).toEqual(wanted.toSorted((a, b) => a - b));
          for (const slot of live.keys()) expect(index.passes(slot, test)).toBe(wanted.includes(slot));
        }
      }),
      { numRuns: 400 },
    );
  });

  it('distinguishes similar values, and finds members of lists', () => {
    const index = createMetadataIndex();
    const live = new Map<number, Metadata>([
      [0, { v: '1' }],
      [1, { v: 1 }],
      [2, { v: true }],
      [3, { v: ['1', 'z'] }],
      [4, {}],
    ]);
    for (const [slot, fields] of live) index.put(slot, fields);
    expect(matching(index, { v: '1' }, live)).toEqual([0, 3]);
    expect(matching(index, { v: 1 }, live)).toEqual([1]);
    expect(matching(index, { v: true }, live)).toEqual([2]);
    expect(matching(index, { v: { $ne: 'z' } }, live)).toEqual([0, 1, 2, 4]);
    expect(matching(index, { v: { $exists: false } }, live)).toEqual([4]);
    expect(matching(index, { w: { $nin: ['q'] } }, live)).toEqual([0, 1, 2, 3, 4]);
  });

  it('frees the memory of removed records', () => {
    const index = createMetadataIndex();
    const empty = index.memoryBytes();
    for (let round = 0; round < 5; round += 1) {
      for (let slot = 0; slot < SLOTS; slot += 1) index.put(slot, { only: `${round} ${slot}`, [`key ${slot}`]: round });
    }
    const full = index.memoryBytes();
    for (let slot = 0; slot < SLOTS; slot += 1) index.put(slot, { only: `last ${slot}`, [`key ${slot}`]: 1 });
    expect(index.memoryBytes()).toBe(full);
    for (let slot = 0; slot < SLOTS; slot += 1) index.remove(slot);
    expect(index.memoryBytes()).toBe(empty);
  });
});

describe('bitmap', () => {
  it('finds its members at every bit of a word', () => {
    const bits = createBitmap(96);
    for (const slot of [0, 31, 32, 63, 95]) setBit(bits, slot);
    const into = new Uint32Array(5);
    expect(listBits(bits, into)).toBe(5);
    expect([...into]).toEqual([0, 31, 32, 63, 95]);
    expect([1, 30, 33, 64, 94, 96, 1_000_000].some((slot) => hasBit(bits, slot))).toBe(false);
  });
});
