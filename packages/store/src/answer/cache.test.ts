import { expect, it } from 'vitest';
import { createResultCache, type EncodedRecord } from './cache.ts';

const record = (version: number, bytes: number): EncodedRecord => ({
  version,
  bytes: new Uint8Array(bytes),
  name: '',
  textBytes: 0,
  path: null,
});

it('drops the entry used longest ago, and entries larger than the cache', () => {
  const cache = createResultCache(3_400);
  cache.set(1, record(1, 200));
  cache.set(2, record(2, 200));
  cache.get(1);
  cache.set(3, record(3, 200));
  expect([1, 2, 3].map((slot) => cache.get(slot)?.version)).toEqual([1, undefined, 3]);
  cache.set(4, record(4, 10_000));
  expect(cache.get(4)).toBe(undefined);
  cache.set(3, record(5, 100));
  expect(cache.get(3)?.version).toBe(5);
  const { weight } = cache;
  cache.delete(3);
  expect(cache.weight).toBe(weight - 1_500);
  cache.delete(1);
  expect(cache.weight).toBe(0);
});
