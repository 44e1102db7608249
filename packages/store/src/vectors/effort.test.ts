import { expect, it } from 'vitest';
import { graphSearchWidthMax } from '../limits.ts';
import { nearestEffort } from './effort.ts';

const widthOf = (size: number, ef?: number): number =>
  nearestEffort({
    query: { mode: 'dense', topK: 10, ...(ef === undefined ? {} : { ef }) },
    scope: { count: size },
    graph: { efSearch: 64 },
    vectors: { size },
    dense: { remote: null },
  }).width;

it('walks wider through a graph of more vectors', () => {
  expect([1, 20_000, 100_000, 300_000, 1_000_000, 8_000_000].map((size) => widthOf(size))).toEqual([64, 64, 64, 134, 298, 1_189]);
});

it('walks as wide as a query says, within the bound', () => {
  expect(widthOf(1_000_000, 32)).toBe(32);
  expect(widthOf(20_000, 1e9)).toBe(graphSearchWidthMax);
});
