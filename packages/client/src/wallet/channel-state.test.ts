import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Receipt } from '@tributary/schemas';
import {
  acknowledge,
  atRisk,
  newChannelState,
  openTicket,
  releaseTicket,
  roomInFlight,
  ZERO_HASH,
  type ChannelState,
} from './channel-state.ts';
import { openTicketsMax, receiptReorderMax } from './limits.ts';

const address = `0x${'1'.repeat(40)}`;
const terms = {
  payer: address,
  voucherSigner: address,
  payee: address,
  salt: ZERO_HASH,
};
const network = { id: 'tributary:test', chainId: 0, verifyingContract: address };
const newState = (deposit = 1_000_000n) => newChannelState({ channel: 'c'.repeat(64), terms, network, deposit });
const max = (a: bigint, b: bigint) => (a > b ? a : b);
const hashOf = (sequence: number) => sequence.toString(16).padStart(64, '0');

const draft = (id: string, maxCharge: bigint) => ({
  id,
  offer: ZERO_HASH,
  request: ZERO_HASH,
  maxCharge: String(maxCharge),
  deadline: 1,
});
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

describe('a channel as the consumer books it', () => {
  it('signs acked plus what is in flight, so later vouchers cover earlier tickets', () => {
    const state = newState();
    expect(openTicket(state, draft('a', 10n)).cumulative).toBe(10n);
    expect(openTicket(state, draft('b', 5n)).cumulative).toBe(15n);
    acknowledge(state, receiptFor('a', { sequence: 1, charge: 7n, total: 7n }), hashOf(1));
    expect(openTicket(state, draft('c', 5n)).cumulative).toBe(17n);
    expect(atRisk(state)).toBe(10n);
  });

  it('never signs more because a ticket was refused', () => {
    const state = newState();
    openTicket(state, draft('a', 10n));
    releaseTicket(state, 'a');
    expect(openTicket(state, draft('b', 10n)).cumulative).toBe(10n);
  });

  it('lets one ticket fly until a first receipt was verified, because a stranger may take the money and run', () => {
    const state = newState();
    expect(roomInFlight(state, 32)).toBe(1);
    openTicket(state, draft('a', 1n));
    expect(roomInFlight(state, 32)).toBe(0);
    acknowledge(state, receiptFor('a', { sequence: 1, charge: 1n, total: 1n }), hashOf(1));
    expect(roomInFlight(state, 32)).toBe(32);
  });

  it('refuses to sign beyond the deposit', () => {
    const state = newState(10n);
    openTicket(state, draft('a', 6n));
    expect(() => openTicket(state, draft('b', 6n))).toThrow(expect.objectContaining({ code: 'PAYMENT_NEEDED' }));
    expect(state.signed).toBe(6n);
  });

  it.each([
    ['another predecessor', { sequence: 2, charge: 1n, total: 2n, previous: hashOf(9) }],
    ['a wrong running total', { sequence: 2, charge: 1n, total: 3n }],
    ['a number given twice', { sequence: 1, charge: 1n, total: 1n }],
  ])('finds a receipt chain with %s', (_, facts) => {
    const state = newState();
    openTicket(state, draft('a', 1n));
    openTicket(state, draft('b', 1n));
    acknowledge(state, receiptFor('a', { sequence: 1, charge: 1n, total: 1n }), hashOf(1));
    expect(() => acknowledge(state, receiptFor('b', facts), hashOf(2))).toThrow(
      expect.objectContaining({ code: 'RECEIPT_CHAIN' }),
    );
  });

  it('gives a channel up when too many receipts wait for an earlier one', () => {
    const state = newState();
    for (let sequence = 2; sequence < receiptReorderMax + 2; sequence += 1) {
      openTicket(state, draft(`t${sequence}`, 1n));
      acknowledge(state, receiptFor(`t${sequence}`, { sequence, charge: 1n, total: BigInt(sequence) }), hashOf(sequence));
    }
    openTicket(state, draft('last', 1n));
    const facts = { sequence: receiptReorderMax + 2, charge: 1n, total: 1n };
    expect(() => acknowledge(state, receiptFor('last', facts), hashOf(9))).toThrow(
      expect.objectContaining({ code: 'RECEIPT_CHAIN', message: expect.stringContaining(`more than ${receiptReorderMax}`) }),
    );
    expect(state.early.size).toBe(receiptReorderMax);
  });

  it('opens no more tickets than a wallet may hold', () => {
    const state = newState();
    for (let at = 0; at < openTicketsMax; at += 1) openTicket(state, draft(`t${at}`, 1n));
    expect(() => openTicket(state, draft('one more', 1n))).toThrow(expect.objectContaining({ code: 'LINK_LIMIT' }));
    expect([state.open.size, state.signed]).toEqual([openTicketsMax, BigInt(openTicketsMax)]);
  });

  it('books a receipt once, however often it comes', () => {
    const state = newState();
    openTicket(state, draft('a', 5n));
    const receipt = receiptFor('a', { sequence: 1, charge: 3n, total: 3n });
    acknowledge(state, receipt, hashOf(1));
    acknowledge(state, receipt, hashOf(1));
    expect([state.acked, state.chain.sequence]).toEqual([3n, 1]);
  });

  it('keeps its bounds whatever the order of answers: exposure is what is in flight, and an honest provider is always covered', () => {
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
          expect(provider.best).toBeGreaterThanOrEqual(provider.charged);
        }
        for (const receipt of provider.waiting) acknowledge(state, receipt, hashOf(receipt.sequence));
        expect(state.acked).toBe(provider.charged);
        expect(state.chain).toMatchObject({ sequence: provider.served, total: provider.charged });
        expect(atRisk(state)).toBe(0n);
      }),
    );
  });
});

interface Provider {
  charged: bigint;
  best: bigint;
  served: number;
  /** The most that acked plus in flight ever came to: nothing beyond it may be signed. */
  exposed: bigint;
  waiting: Receipt[];
}

function serveOrRefuse(
  state: ChannelState,
  provider: Provider,
  id: string,
  maxCharge: bigint,
  how: { share: bigint; refuse: boolean },
): void {
  const { cumulative } = openTicket(state, draft(id, maxCharge));
  provider.exposed = max(provider.exposed, state.acked + atRisk(state));
  if (how.refuse) return releaseTicket(state, id);
  expect(cumulative).toBeGreaterThanOrEqual(provider.charged + maxCharge); // K = 0: the provider admits every ticket
  provider.best = cumulative > provider.best ? cumulative : provider.best;
  const charge = (maxCharge * how.share) / 4n;
  provider.charged += charge;
  provider.served += 1;
  provider.waiting.push(receiptFor(id, { sequence: provider.served, charge, total: provider.charged }));
}
