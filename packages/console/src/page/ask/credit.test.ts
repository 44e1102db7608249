import type { KnownOffer } from '@tributary/client/http';
import { expect, test } from 'vitest';
import { creditFor } from './credit.ts';

const offerOf = (did: string) => ({ identity: { did } }) as KnownOffer;
const [a, b] = [offerOf('did:key:a'), offerOf('did:key:b')];
const said = (budget: string | null, ...credits: (string | null)[]) => ({
  payer: '0x',
  budget,
  providers: credits.map((credit, at) => ({ provider: ['did:key:a', 'did:key:b'][at]!, credit })),
});

test.each([
  ['each owner counts once', [a, a], said(null, '5', '7'), 5n],
  ['owners add up', [a, b], said(null, '5', '7'), 12n],
  ['a budget bounds them', [a, b], said('3', '5', '7'), 3n],
  ['an owner that did not say is not nothing', [a, b], said(null, '5', null), null],
  ['nor is one that is not listed', [a, b], said(null, '5'), null],
])('%s', (_, of, credit, sum) => {
  expect(creditFor(of, credit)).toBe(sum);
});
