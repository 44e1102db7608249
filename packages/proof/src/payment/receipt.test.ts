import { expect, it } from 'vitest';
import { breakOfChain } from './receipt.ts';

const end = { sequence: 3, hash: 'aa', total: 10n };
const next = { sequence: 4, previous: 'aa', charge: 2n, total: 12n };

it('continues a chain by number, predecessor and running total', () => {
  expect(breakOfChain(end, next)).toBeNull();
  const { previous: _, ...unlinked } = next;
  expect(breakOfChain(end, unlinked)).toBeNull();
});

it.each([
  ['a number that was left out', { ...next, sequence: 5 }, 'receipt 5 follows receipt 3'],
  ['a number again', { ...next, sequence: 3 }, 'receipt 3 follows receipt 3'],
  ['another predecessor', { ...next, previous: 'bb' }, 'receipt 4 names another predecessor'],
  ['another total', { ...next, total: 13n }, 'receipt 4 has the running total 13, not 12'],
])('names %s', (_, link, why) => {
  expect(breakOfChain(end, link)).toBe(why);
});
