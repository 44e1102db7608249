import { expect, test } from 'vitest';
import { z } from 'zod';
import { inWords } from './in-words.ts';
import { numbers } from './numbers.ts';

// Zod's own list, which it stands for.
const same = z.array(z.number()).min(1).max(3);
const ours = numbers(1, 3);

test.each([
  [[1]],
  [[1, -0.5, 1e300]],
  [[]],
  [[1, 2, 3, 4]],
  [[1, '2']],
  [[1, null, 3]],
  [[[1]]],
  [[Number.NaN]],
  [['a', 'b', 'c', 'd']],
  ['123'],
  [{ 0: 1, length: 1 }],
  [null],
  [undefined],
])('%j is taken or refused as by z.array, at the same place', (value) => {
  const [expected, found] = [same, ours].map((shape) => z.object({ list: shape }).safeParse({ list: value }, { error: inWords }));
  expect(found!.success).toBe(expected!.success);
  if (!found!.success) {
    const [first] = expected!.error!.issues;
    expect(found!.error.issues.map(({ path, message }) => ({ path, message }))).toEqual([
      { path: first!.path, message: first!.message },
    ]);
  } else expect(found!.data).toEqual({ list: value });
});

test('its JSON schema is that of a list of numbers', () => {
  const { $schema: _, ...schema } = z.toJSONSchema(ours, { io: 'input', unrepresentable: 'any' });
  expect(schema).toEqual({ type: 'array', items: { type: 'number' }, minItems: 1, maxItems: 3 });
});
