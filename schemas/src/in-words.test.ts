import { expect, it } from 'vitest';
import { z } from 'zod';
import { inWords } from './in-words.ts';

const cases: [string, z.ZodType, unknown, string][] = [
  ['a missing member', z.string(), undefined, 'is missing'],
  ['another type', z.number(), 'five', 'must be a number, not a string'],
  ['a list for an object', z.record(z.string(), z.number()), [], 'must be an object, not a list'],
  ['an object for a list', z.array(z.string()), {}, 'must be a list, not an object'],
  ['a fraction', z.int(), 1.5, 'must be a whole number, not a number'],
  ['null', z.string(), null, 'must be a string, not null'],
  ['no number', z.number(), NaN, 'must be a number, not NaN'],
  ['an unknown member', z.strictObject({}), { 'a"b': 1, c: 2 }, 'there is no member "a\\"b", "c"'],
  ['another word', z.enum(['dense', 'bm25']), 'both', 'must be "dense" or "bm25"'],
  ['a small number', z.number().min(1), 0, 'must be at least 1'],
  ['a number that is not above', z.number().gt(1), 1, 'must be more than 1'],
  ['a large number', z.number().max(9), 10, 'must be at most 9'],
  ['a number that is not below', z.number().lt(9), 9, 'must be less than 9'],
  ['a short text', z.string().min(2), 'a', 'must have at least 2 characters'],
  ['a long list', z.array(z.number()).max(1), [1, 2], 'must have at most 1 items'],
  ['a part', z.number().multipleOf(5), 7, 'must be a multiple of 5'],
  ['a pattern', z.string().regex(/^a$/), 'b', 'does not have the right form'],
  ['a format', z.string().datetime(), 'b', 'is not a valid datetime'],
  ['a union', z.union([z.string(), z.number()]), true, 'has none of the forms that are allowed'],
  ['a message of the schema', z.string('needs a name'), 1, 'needs a name'],
  ['a rule of the schema', z.string().refine(() => false, 'is taken'), 'a', 'is taken'],
];

it.each(cases)('words for %s', (_, schema, value, words) => {
  expect(schema.safeParse(value, { error: inWords }).error!.issues[0]!.message).toBe(words);
});
