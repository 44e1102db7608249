import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createLru } from './lru.ts';

it('drops the entry used longest ago, and never exceeds its limit', () => {
  const lru = createLru<string, number>(2);
  lru.set('a', 1);
  lru.set('b', 2);
  expect(lru.get('a')).toBe(1);
  lru.set('c', 3);
  expect([lru.get('a'), lru.get('b'), lru.get('c')]).toEqual([1, undefined, 3]);
  lru.set('a', 4);
  lru.set('d', 5);
  expect([lru.get('a'), lru.get('c'), lru.get('d'), lru.size]).toEqual([4, undefined, 5, 2]);
});

it('does not keep what is too heavy, not even the value before it', () => {
  const lru = createLru<string, number>(10, (value) => value);
  lru.set('a', 4);
  lru.set('b', 5);
  lru.set('a', 11);
  expect([lru.has('a'), lru.has('b'), lru.weight]).toEqual([false, true, 5]);
});

/** The plainest bounded map there is: a list, oldest first. */
function createModel(weightMax: number) {
  let list: { key: number; value: number }[] = [];
  const weight = (): number => list.reduce((sum, { value }) => sum + value, 0);
  const without = (key: number) => list.filter((one) => one.key !== key);
  const trim = (most: number): void => {
    while (weight() > most) list.shift();
  };
  return {
    weight,
    size: () => list.length,
    has: (key: number) => list.some((one) => one.key === key),
    get(key: number): number | undefined {
      const found = list.find((one) => one.key === key);
      if (found !== undefined) list = [...without(key), found];
      return found?.value;
    },
    set(key: number, value: number): void {
      list = without(key);
      if (value > weightMax) return;
      list.push({ key, value });
      trim(weightMax);
    },
    delete: (key: number): void => void (list = without(key)),
    clear: (): void => void (list = []),
    trim,
  };
}

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ call: fc.constantFrom('get', 'set', 'delete'), key: fc.nat(9), value: fc.nat(12) }) },
  { weight: 1, arbitrary: fc.record({ call: fc.constantFrom('trim', 'clear'), key: fc.nat(9), value: fc.nat(30) }) },
);

it('keeps what a list with the same rules keeps, whatever is called', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const lru = createLru<number, number>(30, (value) => value);
      const model = createModel(30);
      for (const { call, key, value } of steps) {
        if (call === 'get') expect(lru.get(key)).toBe(model.get(key));
        if (call === 'set') for (const each of [lru, model]) each.set(key, value);
        if (call === 'delete') for (const each of [lru, model]) each.delete(key);
        if (call === 'clear') for (const each of [lru, model]) each.clear();
        if (call === 'trim') for (const each of [lru, model]) each.trim(value);
        expect([lru.size, lru.weight]).toEqual([model.size(), model.weight()]);
        for (let held = 0; held < 10; held += 1) expect(lru.has(held)).toBe(model.has(held));
      }
    }),
  );
});
