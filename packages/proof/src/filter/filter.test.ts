import { filterDepthMax, filterOperatorsMax } from '@tributary/schemas';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileFilter, filterTest } from './compile.ts';
import { parseFilter } from './parse.ts';

const record = { genre: 'drama', year: 2020, rating: 7.5, seen: true, tags: ['war', 'love'] };

test.each<[unknown, boolean]>([
  [null, true],
  [{}, true],
  [{ genre: 'drama' }, true],
  [{ genre: 'comedy' }, false],
  [{ genre: { $eq: 'drama' } }, true],
  [{ genre: { $ne: 'drama' } }, false],
  [{ missing: { $ne: 'x' } }, true],
  [{ missing: { $eq: 'x' } }, false],
  [{ missing: { $nin: ['x'] } }, true],
  [{ missing: { $in: ['x'] } }, false],
  [{ year: { $gt: 2019, $lt: 2021 } }, true],
  [{ year: { $gte: 2020, $lte: 2020 } }, true],
  [{ year: { $gt: 2020 } }, false],
  [{ year: { $lt: 2020 } }, false],
  [{ genre: { $gt: 1 } }, false],
  [{ missing: { $lte: 1 } }, false],
  [{ year: '2020' }, false],
  [{ seen: true }, true],
  [{ seen: 1 }, false],
  [{ tags: 'war' }, true],
  [{ tags: { $eq: 'peace' } }, false],
  [{ tags: { $ne: 'war' } }, false],
  [{ tags: { $ne: 'peace' } }, true],
  [{ tags: { $in: ['peace', 'love'] } }, true],
  [{ tags: { $nin: ['peace', 'love'] } }, false],
  [{ genre: { $in: [] } }, false],
  [{ genre: { $nin: [] } }, true],
  [{ year: { $in: [1999, 2020] } }, true],
  [{ genre: { $exists: true } }, true],
  [{ missing: { $exists: true } }, false],
  [{ missing: { $exists: false } }, true],
  [{ toString: { $exists: false } }, true],
  [{ genre: 'drama', year: 1999 }, false],
  [{ $and: [{ genre: 'drama' }, { year: { $gt: 2000 } }] }, true],
  [{ $or: [{ genre: 'comedy' }, { year: 2020 }] }, true],
  [{ $or: [{ genre: 'comedy' }, { year: 2021 }] }, false],
  [{ $or: [{ genre: 'comedy' }], genre: 'drama' }, false],
  [{ year: { $or: [{ $lt: 2000 }, { $gt: 2010, $lt: 2030 }] } }, true],
  [{ genre: { $or: ['comedy', 'drama'] } }, true],
  [{ year: { $and: [{ $gt: 2000 }, { $ne: 2020 }] } }, false],
])('%j gives %s', (filter, expected) => {
  expect(compileFilter(filter)(record)).toBe(expected);
});

const nested = (depth: number): unknown => (depth === 0 ? { a: 1 } : { $and: [nested(depth - 1)] });
test.each<[string, unknown, RegExp]>([
  ['a list', [], /filter must be an object/],
  ['a string', 'genre', /filter must be an object/],
  ['an unknown operator of a field', { genre: { $regex: 'x' } }, /'genre' has the unknown operator \$regex/],
  ['an unknown operator at the top', { $not: {} }, /unknown operator \$not/],
  ['a nested object', { genre: { name: 'x' } }, /'genre' has the unknown operator name/],
  ['no operator', { genre: {} }, /'genre' has no operator/],
  ['null', { genre: null }, /'genre' \$eq needs a string/],
  ['a bare list', { genre: ['x'] }, /'genre' \$eq .*use \$in/],
  ['a list for $ne', { genre: { $ne: ['x'] } }, /'genre' \$ne/],
  ['$in without a list', { genre: { $in: 'x' } }, /'genre' \$in needs an array/],
  ['$nin with null', { genre: { $nin: [null] } }, /'genre' \$nin needs a string/],
  ['$gt with a string', { year: { $gt: '1' } }, /'year' \$gt needs a number/],
  ['$exists with a number', { year: { $exists: 1 } }, /'year' \$exists needs true or false/],
  ['$and without a list', { $and: {} }, /\$and needs an array/],
  ['an empty $or', { $or: [] }, /\$or needs an array with at least one/],
  ['$and of a value', { $and: ['x'] }, /\$and\[0\] must be an object/],
  ['an infinite number', { year: Infinity }, /'year'/],
  ['an empty field name', { '': 1 }, /empty name/],
  ['too deep', nested(filterDepthMax), /deeper than 16/],
  ['too deep in a field', { a: Array.from({ length: 16 }).reduce((inner) => ({ $or: [inner] }), 1) }, /deeper than 16/],
  ['too many', { $or: Array.from({ length: filterOperatorsMax }, (_, at) => ({ a: at })) }, /exceeds 256 operators/],
])('refuses %s', (_name, filter, message) => {
  expect(() => compileFilter(filter)).toThrow(message);
  expect(() => compileFilter(filter)).toThrow(expect.objectContaining({ code: 'FILTER_INVALID' }));
});

describe('limits are reached exactly', () => {
  test('depth', () => expect(compileFilter(nested(filterDepthMax - 1))({ a: 1 })).toBe(true));
  test('operators', () => {
    const filter = { $or: Array.from({ length: filterOperatorsMax - 1 }, (_, at) => ({ a: at })) };
    expect(compileFilter(filter)({ a: 254 })).toBe(true);
  });
});

test('the tree is what a store plans with', () => {
  expect(parseFilter({ genre: { $in: ['a', 'b'] }, year: { $gte: 3 } })).toEqual({
    op: 'and',
    nodes: [
      { op: 'in', field: 'genre', values: ['a', 'b'] },
      { op: 'gte', field: 'year', value: 3 },
    ],
  });
});

test('any JSON is either refused with its code or gives a test that never throws', () => {
  const key = fc.constantFrom('a', 'b', '$and', '$or', '$eq', '$ne', '$in', '$nin', '$gt', '$exists', '__proto__', '$x');
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 5 },
      fc.jsonValue(),
      fc.dictionary(key, tie('tree'), { maxKeys: 3 }),
      fc.array(tie('tree'), { maxLength: 3 }),
    ),
  }));
  const metadata = fc.dictionary(
    fc.constantFrom('a', 'b', '__proto__'),
    fc.oneof(fc.string(), fc.double(), fc.boolean(), fc.array(fc.string())),
  );
  let accepted = 0;
  fc.assert(
    fc.property(tree, metadata, (filter, fields) => {
      try {
        const test = filterTest(parseFilter(filter));
        accepted += 1;
        expect(typeof test(fields)).toBe('boolean');
      } catch (error) {
        expect(error).toMatchObject({ code: 'FILTER_INVALID' });
      }
    }),
    { numRuns: 2_000 },
  );
  expect(accepted).toBeGreaterThan(20);
});

test('negated operators are the complement', () => {
  const value = fc.constantFrom('x', 'y', 1, true);
  const held = fc.option(fc.oneof(value, fc.array(fc.constantFrom('x', 'y'))), { nil: undefined });
  fc.assert(
    fc.property(value, held, (wanted, given) => {
      const fields = given === undefined ? {} : { f: given };
      const is = (filter: unknown) => compileFilter(filter)(fields);
      expect(is({ f: { $ne: wanted } })).toBe(!is({ f: wanted }));
      expect(is({ f: { $nin: [wanted] } })).toBe(!is({ f: { $in: [wanted] } }));
      expect(is({ f: { $in: [wanted] } })).toBe(is({ f: wanted }));
    }),
  );
});
