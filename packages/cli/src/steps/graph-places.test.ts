import { expect, it } from 'vitest';
import { graphPlaces } from './graph-places.ts';

it('reads a place for each index', () => {
  expect(graphPlaces([])).toEqual({});
  expect(graphPlaces(['notes=engine', 'mail=here'])).toEqual({ notes: 'engine', mail: 'here' });
  expect(Object.keys(graphPlaces(['__proto__=here']))).toEqual(['__proto__']);
});

it.each([['notes'], ['notes='], ['=engine'], ['notes=there'], ['notes=engine=here'], ['']])('refuses %j', (option) => {
  expect(() => graphPlaces([option])).toThrow(expect.objectContaining({ code: 'USAGE' }));
});

it('refuses an index that is named twice', () => {
  expect(() => graphPlaces(['notes=engine', 'notes=here'])).toThrow(expect.objectContaining({ code: 'USAGE' }));
});
