import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Receipt } from '@tributary/schemas';
import { ZERO_HASH } from '@tributary/proof/primitives';
import {
  acknowledge,
  ceilingFor,
  newChannel,
  outstanding,
  openTicket,
  releaseTicket,
  roomInFlight,
  takeOver,
  type WalletChannel,
} from './channel.ts';
import { openTicketsMax, receiptReorderDoubt, receiptReorderMax } from './limits.ts';

const address = `0x${'1'.repeat(40)}`;
const terms = {
  payer: address,
  voucherSigner: address,
  payee: address,
  salt: ZERO_HASH,
};
const network = { id: 'tributary:test', chainId: 0, verifyingContract: address };
const provider = { did: 'did:key:test', receiptSigner: address };
const newState = () => newChannel({ channel: 'c'.repeat(64), provider, terms, network });
const max = (a: bigint, b: bigint) => (a > b ? a : b);
const hashOf = (sequence: number) => sequence.toString(16).padStart(64, '0');

const draft = (id: string, maxCharge: bigint) => ({
  id,
  offer: ZERO_HASH,
  request: ZERO_HASH,
  maxCharge: String(maxCharge),
  deadline: 1,
});
/** Opens a ticket under the ceiling that the wallet would sign. */
function open(state: WalletChannel, ticket: ReturnType<typeof draft>): { cumulative: bigint } {
  const cumulative = ceilingFor(state, BigInt(ticket.maxCharge));
  openTicket(state, ticket, cumulative);
  return { cumulative };
}
function receiptFor(ticket: string, facts: { sequence: number; charge: bigint; total: bigint; previous?: string }): Receipt {
  return {
    channel: 'c'.repeat(64),
    ticket,
    sequence: facts.sequence,
    requestHash: ZERO_HASH,
    responseHash: ZERO_HASH,
    offerHash: ZERO_HASH,
    manifestHash: ZERO_HASH,
    snapshot: 0,
    status: 'ok',
    charge: String(facts.charge),
    chargedTotal: String(facts.total),
    servedAt: 0,
    previous: facts.previous ?? (facts.sequence === 1 ? ZERO_HASH : hashOf(facts.sequence - 1)),
    signature: '',
  };
}

describe('a channel as the wallet books it', () => {
  it('signs acked plus what is in flight, so later vouchers cover earlier tickets', () => {
    const state = newState();
    expect(open(state, draft('a', 10n)).cumulative).toBe(10n);
    expect(open(state, draft('b', 5n)).cumulative).toBe(15n);
    acknowledge(state, receiptFor('a', { sequence: 1, charge: 7n, total: 7n }), hashOf(1));
    expect(open(state, draft('c', 5n)).cumulative).toBe(17n);
    expect(outstanding(state)).toBe(10n);
  });

  it('never signs more because a ticket was refused', () => {
    const state = newState();
    open(state, draft('a', 10n));
    releaseTicket(state, 'a');
    expect(open(state, draft('b', 10n)).cumulative).toBe(10n);
  });

  it('allows one ticket in flight until the first receipt is verified, because a stranger may not answer', () => {
    const state = newState();
    expect(roomInFlight(state, 32)).toBe(1);
    open(state, draft('a', 1n));
    expect(roomInFlight(state, 32)).toBe(0);
    acknowledge(state, receiptFor('a', { sequence: 1, charge: 1n, total: 1n }), hashOf(1));
    expect(roomInFlight(state, 32)).toBe(32);
  });

  it.each([
    ['another predecessor', { sequence: 2, charge: 1n, total: 2n, previous: hashOf(9) }],
    ['a wrong running total', { sequence: 2, charge: 1n, total: 3n }],
    ['a number given twice', { sequence: 1, charge: 1n, total: 1n }],
  ])('finds a receipt chain with %s', (_, facts) => {
    const state = newState();
    open(state, draft('a', 1n));
    open(state, draft('b', 1n));
    acknowledge(state, receiptFor('a', { sequence: 1, charge: 1n, total: 1n }), hashOf(1));
    expect(() => acknowledge(state, receiptFor('b', facts), hashOf(2))).toThrow(
      expect.objectContaining({ code: 'RECEIPT_CHAIN' }),
    );
  });

  it('gives a channel up when too many receipts wait for an earlier one', () => {
    const state = newState();
    for (let sequence = 2; sequence < receiptReorderMax + 2; sequence += 1) {
      open(state, draft(`t${sequence}`, 1n));
      acknowledge(state, receiptFor(`t${sequence}`, { sequence, charge: 1n, total: BigInt(sequence) }), hashOf(sequence));
    }
    open(state, draft('last', 1n));
    const facts = { sequence: receiptReorderMax + 2, charge: 1n, total: 1n };
    expect(() => acknowledge(state, receiptFor('last', facts), hashOf(9))).toThrow(
      expect.objectContaining({ code: 'RECEIPT_CHAIN', message: expect.stringContaining(`more than ${receiptReorderMax}`) }),
    );
    expect(state.early.size).toBe(receiptReorderMax);
  });

  it('is in doubt once no open ticket can deliver an earlier receipt, or many wait for one', () => {
    const state = newState();
    open(state, draft('a', 1n));
    open(state, draft('b', 1n));
    acknowledge(state, receiptFor('b', { sequence: 2, charge: 1n, total: 2n }), hashOf(2));
    expect(state.inDoubt).toBe(false);
    acknowledge(state, receiptFor('a', { sequence: 1, charge: 1n, total: 1n }), hashOf(1));
    expect(state.inDoubt).toBe(false);
    open(state, draft('slow', 1n));
    for (let waiting = 1; waiting <= receiptReorderDoubt; waiting += 1) {
      expect(state.inDoubt).toBe(false);
      const sequence = waiting + 3;
      open(state, draft(`t${waiting}`, 1n));
      acknowledge(state, receiptFor(`t${waiting}`, { sequence, charge: 1n, total: BigInt(sequence) }), hashOf(sequence));
    }
    expect(state.inDoubt).toBe(true);
  });

  it('opens no more tickets than a wallet may hold', () => {
    const state = newState();
    for (let at = 0; at < openTicketsMax; at += 1) open(state, draft(`t${at}`, 1n));
    expect(() => open(state, draft('one more', 1n))).toThrow(expect.objectContaining({ code: 'LINK_LIMIT' }));
    expect([state.open.size, state.signed]).toEqual([openTicketsMax, BigInt(openTicketsMax)]);
  });

  it('keeps its limits whatever the order of answers: at risk is only what is in flight, and an honest provider is always covered', () => {
    const step = fc.record({
      open: fc.boolean(),
      maxCharge: fc.bigInt({ min: 1n, max: 50n }),
      pick: fc.nat(),
      share: fc.bigInt({ min: 0n, max: 4n }),
      refuse: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const state = newState();
        const provider = { charged: 0n, best: 0n, served: 0, exposed: 0n, waiting: [] as Receipt[] };
        let next = 0;
        for (const { open, maxCharge, pick, share, refuse } of steps) {
          if (open) serveOrRefuse(state, provider, `t${next++}`, maxCharge, { share, refuse });
          else if (provider.waiting.length > 0) {
            const [receipt] = provider.waiting.splice(pick % provider.waiting.length, 1);
            acknowledge(state, receipt!, hashOf(receipt!.sequence));
          }
          expect(state.signed).toBeLessThanOrEqual(provider.exposed);
          expect(outstanding(state)).toBeGreaterThanOrEqual(0n);
          expect(provider.best).toBeGreaterThanOrEqual(provider.charged);
        }
        for (const receipt of provider.waiting) acknowledge(state, receipt, hashOf(receipt.sequence));
        expect(state.acked).toBe(provider.charged);
        expect(state.chain).toMatchObject({ sequence: provider.served, total: provider.charged });
      }),
    );
  });
});

const toldBy = (sequence: number, chargedTotal: bigint, hash = hashOf(sequence)) => ({
  channel: 'c'.repeat(64),
  deposit: '1000',
  sequence,
  chargedTotal: String(chargedTotal),
  receiptHash: hash,
  closed: false,
  nonce: ZERO_HASH,
  signature: '',
});
const chainBroken = expect.objectContaining({ code: 'RECEIPT_CHAIN' });

describe('the state that the provider reports', () => {
  /** Two open tickets of 10, the first answered for 7. */
  const one = () => {
    const state = newState();
    open(state, draft('a', 10n));
    open(state, draft('b', 10n));
    acknowledge(state, receiptFor('a', { sequence: 1, charge: 7n, total: 7n }), hashOf(1));
    return state;
  };

  it('is adopted up to what was signed; the difference is charged and missing', () => {
    const state = one();
    expect(takeOver(state, toldBy(3, 20n), 1)).toEqual({ count: 2, charge: 13n });
    expect(state).toMatchObject({ acked: 20n, missing: { count: 2, charge: 13n }, chain: { sequence: 3, total: 20n } });
    expect(outstanding(state)).toBe(0n);
  });

  it.each([
    ['more than was signed', toldBy(2, 21n)],
    ['an end before the receipt that is known', toldBy(0, 0n, ZERO_HASH)],
    ['another receipt than the one that is known', toldBy(1, 7n, hashOf(9))],
    ['another total than the receipt that is known', toldBy(1, 8n)],
    ['less than was charged before', toldBy(2, 6n)],
  ])('is refused with %s, and nothing changes', (_, told) => {
    const state = one();
    const before = structuredClone({ ...state, early: [], open: [] });
    expect(() => takeOver(state, told, 1)).toThrow(chainBroken);
    expect(state).toMatchObject({ acked: before.acked, missing: before.missing, chain: before.chain });
  });

  it('changes nothing when it is older than answers that came since it was asked for', () => {
    const state = one();
    acknowledge(state, receiptFor('b', { sequence: 2, charge: 1n, total: 8n }), hashOf(2));
    expect(takeOver(state, toldBy(1, 7n), 1)).toEqual({ count: 0, charge: 0n });
    expect(state.chain.sequence).toBe(2);
  });

  it('counts early receipts once, and continues after it', () => {
    const state = one();
    open(state, draft('c', 10n));
    acknowledge(state, receiptFor('b', { sequence: 3, charge: 2n, total: 14n }), hashOf(3));
    acknowledge(state, receiptFor('c', { sequence: 4, charge: 1n, total: 15n }), hashOf(4));
    expect(state.inDoubt).toBe(true); // nothing open can deliver receipt 2
    expect(() => takeOver(one(), toldBy(2, 12n), 3)).toThrow(chainBroken); // older than receipt 3, which is known
    expect(takeOver(state, toldBy(4, 15n), 4)).toEqual({ count: 1, charge: 5n });
    expect(state).toMatchObject({ acked: 15n, chain: { sequence: 4, total: 15n } });
    expect(state.early.size).toBe(0);
    const gap = one();
    open(gap, draft('c', 10n));
    acknowledge(gap, receiptFor('b', { sequence: 3, charge: 2n, total: 14n }), hashOf(3));
    expect(() => takeOver(gap, toldBy(3, 13n), 1)).toThrow(chainBroken); // receipt 3 has another total
    expect(takeOver(gap, toldBy(2, 12n), 1)).toEqual({ count: 1, charge: 5n });
    expect(gap.chain).toMatchObject({ sequence: 3, total: 14n });
  });

  it('lets an answer that was counted as missing come late, without charging it twice', () => {
    const state = one();
    takeOver(state, toldBy(2, 10n), 1);
    expect(acknowledge(state, receiptFor('b', { sequence: 2, charge: 3n, total: 10n }), hashOf(2))).toEqual({ late: true });
    expect(state).toMatchObject({ acked: 10n, missing: { count: 0, charge: 0n }, ackedReceipt: hashOf(2) });
    open(state, draft('c', 10n));
    const again = receiptFor('c', { sequence: 2, charge: 0n, total: 10n });
    expect(() => acknowledge(state, again, hashOf(2))).toThrow(chainBroken);
  });

  it('lets no receipt charge more than was signed', () => {
    const state = one();
    takeOver(state, toldBy(2, 20n), 1);
    expect(() => acknowledge(state, receiptFor('b', { sequence: 3, charge: 1n, total: 21n }), hashOf(3))).toThrow(chainBroken);
  });
});

interface Provider {
  charged: bigint;
  best: bigint;
  served: number;
  /** The highest ceiling of any ticket. Nothing beyond it may be signed. */
  exposed: bigint;
  waiting: Receipt[];
}

function serveOrRefuse(
  state: WalletChannel,
  provider: Provider,
  id: string,
  maxCharge: bigint,
  how: { share: bigint; refuse: boolean },
): void {
  const before = state.signed;
  const { cumulative } = open(state, draft(id, maxCharge));
  provider.exposed = max(provider.exposed, cumulative);
  // A question never raises the claim by more than its price
  expect(cumulative - before).toBeLessThanOrEqual(maxCharge);
  if (how.refuse) return releaseTicket(state, id);
  expect(cumulative).toBeGreaterThanOrEqual(provider.charged + maxCharge); // K = 0: the provider admits every ticket
  provider.best = cumulative > provider.best ? cumulative : provider.best;
  const charge = (maxCharge * how.share) / 4n;
  provider.charged += charge;
  provider.served += 1;
  provider.waiting.push(receiptFor(id, { sequence: provider.served, charge, total: provider.charged }));
}
