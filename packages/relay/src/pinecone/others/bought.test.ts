import { expect, test } from 'vitest';
import { createBought, type BoughtRecord } from './bought.ts';

const place = { key: 'k', index: 'rivers@1', namespace: '' };
const record = (id: string, text = ''): BoughtRecord => ({ id, vector: Float32Array.of(1), fields: { text } });
const idsOf = (records: readonly BoughtRecord[]) => records.map(({ id }) => id);

test('gives what that key bought in that place, in the order asked', () => {
  const bought = createBought();
  bought.keep(place, [record('a'), record('b', 'old')]);
  bought.keep(place, [record('b', 'new')]);
  expect(bought.get(place, ['b', 'none', 'a'])).toEqual([record('b', 'new'), record('a')]);
  for (const other of [{ key: 'l' }, { key: null }, { index: 'rivers@2' }, { namespace: 'n' }])
    expect(bought.get({ ...place, ...other }, ['a'])).toEqual([]);
});

test('forgets the oldest beyond a number of records', () => {
  const bought = createBought(2, 1_000_000);
  bought.keep(place, [record('a'), record('b')]);
  expect(idsOf(bought.get(place, ['a', 'b']))).toEqual(['a', 'b']);
  bought.keep(place, [record('a'), record('c')]);
  expect(idsOf(bought.get(place, ['a', 'b', 'c']))).toEqual(['a', 'c']);
});

test('forgets the oldest beyond a number of bytes', () => {
  const bought = createBought(100, 2_200);
  for (const id of ['a', 'b', 'c']) bought.keep(place, [record(id, 'x'.repeat(480))]);
  expect(idsOf(bought.get(place, ['a', 'b', 'c']))).toEqual(['b', 'c']);
  bought.keep(place, [record('b', 'x')]);
  bought.keep(place, [record('d', 'x'.repeat(480))]);
  expect(idsOf(bought.get(place, ['a', 'b', 'c', 'd']))).toEqual(['b', 'c', 'd']);
});
