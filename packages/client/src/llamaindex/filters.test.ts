import { expect, test } from 'vitest';
import { toFilter } from './filters.ts';

test.each([
  ['==', 1, { key: { $eq: 1 } }],
  ['!=', 1, { key: { $ne: 1 } }],
  ['>', 1, { key: { $gt: 1 } }],
  ['>=', 1, { key: { $gte: 1 } }],
  ['<', 1, { key: { $lt: 1 } }],
  ['<=', 1, { key: { $lte: 1 } }],
  ['in', ['a'], { key: { $in: ['a'] } }],
  ['nin', ['a'], { key: { $nin: ['a'] } }],
  ['any', ['a', 'b'], { key: { $in: ['a', 'b'] } }],
  ['all', ['a', 'b'], { $and: [{ key: { $eq: 'a' } }, { key: { $eq: 'b' } }] }],
  ['contains', 'a', { key: { $eq: 'a' } }],
  ['is_empty', 0, { key: { $exists: false } }],
] as const)('the operator %s', (operator, value, filter) => {
  const given = typeof value === 'object' ? [...value] : value;
  expect(toFilter({ filters: [{ key: 'key', value: given, operator }] })).toEqual(filter);
});

test('several filters are joined, and none is no filter', () => {
  const filters = [
    { key: 'a', value: 1, operator: '==' as const },
    { key: 'b', value: 2, operator: '>' as const },
  ];
  const parts = [{ a: { $eq: 1 } }, { b: { $gt: 2 } }];
  expect(toFilter({ filters })).toEqual({ $and: parts });
  expect(toFilter({ filters, condition: 'or' })).toEqual({ $or: parts });
  expect(toFilter({ filters: [] })).toBeUndefined();
});

test('an operator that indexes do not have is refused by name', () => {
  const filters = [{ key: 'text', value: 'a', operator: 'text_match' as const }];
  expect(() => toFilter({ filters })).toThrow(expect.objectContaining({ code: 'FILTER_INVALID' }));
});
