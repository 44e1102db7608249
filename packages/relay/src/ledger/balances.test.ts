import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ZERO_HASH } from '@tributary/proof/primitives';
import { channelOf, indexIdOf, NETWORK, opening, payerOf } from '../testing/ledger-fixture.ts';
import { bookEntry, createBalances, type Balances } from './balances.ts';
import { type LedgerEntry } from './entries.ts';

const payers = ['a', 'b'].map(payerOf);
const openings = payers.flatMap((payer) => ['x', 'y'].map((saltOf) => opening(payer, 0n, { saltOf })));
const held = (cumulative: bigint) => ({ cumulative: String(cumulative), ctx: ZERO_HASH, signature: '0'.repeat(130) });
const place = { v: 1, entry: 1, at: 0 } as const;

const step = fc.oneof(
  fc.record({ type: fc.constant('grant' as const), who: fc.nat(1), amount: fc.bigInt(0n, 50n) }),
  fc.record({ type: fc.constant('open' as const), which: fc.nat(3), amount: fc.bigInt(0n, 60n) }),
  fc.record({
    type: fc.constant('charge' as const),
    which: fc.nat(3),
    amount: fc.bigInt(0n, 20n),
    cumulative: fc.bigInt(0n, 70n),
    // Mostly the right next number and total, sometimes not.
    skew: fc.constantFrom(0, 0, 0, 0, 1, -1),
  }),
  fc.record({ type: fc.constant('close' as const), which: fc.nat(3), skew: fc.constantFrom(0n, 0n, 1n) }),
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

function entryOf(move: Step, balances: Balances): LedgerEntry {
  if (move.type === 'grant')
    return { ...place, type: 'grant', payer: payers[move.who]!.address, amount: String(move.amount), note: '' };
  const open = openings[move.which]!;
  const channel = channelOf(open);
  const known = balances.channels.get(channel);
  if (move.type === 'open') {
    return { ...place, type: 'open', channel, terms: open.terms, deposit: String(move.amount), signature: open.signature };
  }
  const charged = known?.charged ?? 0n;
  if (move.type === 'close')
    return { ...place, type: 'close', channel, refunded: String((known?.deposit ?? 0n) - charged + move.skew) };
  return {
    ...place,
    type: 'charge',
    channel,
    ticket: 'A'.repeat(22),
    index: indexIdOf('docs'),
    sequence: Math.max(1, (known?.sequence ?? 0) + 1 + move.skew),
    status: move.amount === 0n ? 'empty' : 'ok',
    charge: String(move.amount),
    chargedTotal: String(charged + move.amount),
    receiptHash: ZERO_HASH,
    voucher: held(move.cumulative),
    journal: ZERO_HASH,
    keepUntil: 0,
  };
}

const snapshot = (balances: Balances) => structuredClone({ accounts: balances.accounts, channels: balances.channels });

function expectConserved(balances: Balances): void {
  for (const [payer, account] of balances.accounts) {
    const own = [...balances.channels.values()].filter(({ terms }) => terms.payer === payer);
    const sum = (of: bigint[]) => of.reduce((a, b) => a + b, 0n);
    expect(account.granted).toBe(account.available + account.locked + account.spent);
    expect(account.locked).toBe(sum(own.filter(({ closed }) => !closed).map(({ deposit }) => deposit)));
    expect(account.spent).toBe(sum(own.filter(({ closed }) => closed).map(({ charged }) => charged)));
    expect([account.available, account.locked, account.spent].every((value) => value >= 0n)).toBe(true);
    expect(balances.openOf.get(payer) ?? 0).toBe(own.filter(({ closed }) => !closed).length);
  }
  for (const { charged, deposit, best } of balances.channels.values()) {
    expect(charged >= 0n && charged <= deposit && best <= deposit).toBe(true);
  }
}

describe('balances', () => {
  it('conserve credit under any entries, and refuse wrong ones without any change', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (moves) => {
        const balances = createBalances(NETWORK);
        const accepted: LedgerEntry[] = [];
        for (const move of moves) {
          const before = snapshot(balances);
          const entry = entryOf(move, balances);
          if (bookEntry(balances, entry) === null) accepted.push(entry);
          else expect(snapshot(balances)).toEqual(before);
          expectConserved(balances);
        }
        const again = createBalances(NETWORK);
        for (const entry of accepted) expect(bookEntry(again, entry)).toBeNull();
        expect(snapshot(again)).toEqual(snapshot(balances));
      }),
      { numRuns: 150 },
    );
  });

  it('refuses a channel id that its terms do not have', () => {
    const balances = createBalances(NETWORK);
    const { terms, signature } = openings[0]!;
    bookEntry(balances, { ...place, type: 'grant', payer: terms.payer, amount: '10', note: '' });
    expect(bookEntry(balances, { ...place, type: 'open', channel: ZERO_HASH, terms, deposit: '5', signature })).toContain(
      'channel id',
    );
  });

  it('charges nothing for an answer that is gone', () => {
    const balances = createBalances(NETWORK);
    const { terms, signature } = openings[0]!;
    const channel = channelOf(openings[0]!);
    bookEntry(balances, { ...place, type: 'grant', payer: terms.payer, amount: '10', note: '' });
    bookEntry(balances, { ...place, type: 'open', channel, terms, deposit: '5', signature });
    const entry = entryOf({ type: 'charge', which: 0, amount: 3n, cumulative: 3n, skew: 0 }, balances);
    expect(bookEntry(balances, { ...entry, status: 'gone' } as LedgerEntry)).toContain('gone');
    expect(bookEntry(balances, entry)).toBeNull();
  });
});
