import { ProofError } from '@tributary/proof';
import type { ChannelTerms, Offer, Receipt, Ticket } from '@tributary/schemas';
import { ClientError } from '../errors.ts';
import type { TicketOrigin } from './wallet.ts';
import { firstContactInFlightMax, openTicketsMax, receiptReorderMax } from './limits.ts';

export const ZERO_HASH = '0'.repeat(64);

/** A ticket whose answer has not been verified yet: it counts toward what the consumer could lose. */
export interface OpenTicket {
  ticket: Ticket;
  maxCharge: bigint;
  /** What asking again takes. */
  origin?: TicketOrigin;
  /** True when nobody waits for its answer. */
  lost?: boolean;
}

/** The consumer's book of one channel. Amounts in the ledger's smallest unit. Changed only by the functions of this file. */
export interface ChannelState {
  readonly channel: string;
  readonly terms: ChannelTerms;
  /** The ledger that its vouchers are good on. */
  readonly network: Offer['network'];
  /** Locked by the payer in this channel: no voucher may exceed it. */
  deposit: bigint;
  /** Highest cumulative ever signed. */
  signed: bigint;
  /** Sum of the charges of verified receipts. */
  acked: bigint;
  /** Hash of the receipt verified last. */
  ackedReceipt: string;
  /** Newest receipt up to which the chain has no gap. */
  chain: { sequence: number; hash: string; total: bigint };
  /** Verified receipts that came before an earlier one, by sequence. */
  early: Map<number, { hash: string; previous: string; charge: bigint; total: bigint }>;
  open: Map<string, OpenTicket>;
}

export function newChannelState(facts: Pick<ChannelState, 'channel' | 'terms' | 'network' | 'deposit'>): ChannelState {
  const chain = { sequence: 0, hash: ZERO_HASH, total: 0n };
  return { ...facts, signed: 0n, acked: 0n, ackedReceipt: ZERO_HASH, chain, early: new Map(), open: new Map() };
}

/** R: what the consumer loses at most if the provider never answers what is in flight. */
export function atRisk(state: ChannelState): bigint {
  let sum = 0n;
  for (const open of state.open.values()) sum += open.maxCharge;
  return sum;
}

/** How many more tickets may be opened now; one until the provider has shown a first good receipt. */
export function roomInFlight(state: ChannelState, maxInFlight: number): number {
  const cap = state.ackedReceipt === ZERO_HASH ? Math.min(firstContactInFlightMax, maxInFlight) : maxInFlight;
  return cap - state.open.size;
}

/**
 * Opens a ticket and returns the ceiling to sign for it: `max(signed, acked + R)`, R including this ticket (docs/spec/payment.md).
 * Any later voucher covers earlier tickets, so requests of one channel need not wait for each other.
 *
 * @throws ClientError PAYMENT_NEEDED when the deposit does not cover it, LINK_LIMIT when too many tickets are open
 */
export function openTicket(
  state: ChannelState,
  draft: Omit<Ticket, 'channel' | 'ackedTotal' | 'ackedReceipt'>,
): { ticket: Ticket; cumulative: bigint } {
  if (state.open.size >= openTicketsMax) throw new ClientError('LINK_LIMIT', `channel has ${openTicketsMax} open tickets`);
  const maxCharge = BigInt(draft.maxCharge);
  const wanted = state.acked + atRisk(state) + maxCharge;
  const cumulative = wanted > state.signed ? wanted : state.signed;
  if (cumulative > state.deposit) {
    throw new ClientError(
      'PAYMENT_NEEDED',
      `the channel's deposit of ${state.deposit} does not cover ${cumulative}; top up the channel`,
    );
  }
  const ticket: Ticket = {
    channel: state.channel,
    id: draft.id,
    offer: draft.offer,
    request: draft.request,
    maxCharge: draft.maxCharge,
    deadline: draft.deadline,
    ackedTotal: String(state.acked),
    ackedReceipt: state.ackedReceipt,
  };
  state.open.set(draft.id, { ticket, maxCharge });
  state.signed = cumulative;
  return { ticket, cumulative };
}

/** Forgets a ticket that the provider refused: refusals cost nothing. What was signed stays signed. */
export function releaseTicket(state: ChannelState, ticketId: string): void {
  state.open.delete(ticketId);
}

/**
 * Books a verified receipt: its charge is acknowledged, its ticket closed, and its place in the receipt chain checked as soon as the
 * receipts before it are there.
 *
 * @throws ProofError RECEIPT_CHAIN when the chain is broken: the provider numbered, linked or summed receipts wrongly
 */
export function acknowledge(state: ChannelState, receipt: Receipt, hash: string): void {
  if (!state.open.delete(receipt.ticket)) return;
  const charge = BigInt(receipt.charge);
  state.acked += charge;
  state.ackedReceipt = hash;
  if (state.early.size >= receiptReorderMax)
    throw broken(state, `more than ${receiptReorderMax} receipts wait for an earlier one`);
  if (receipt.sequence <= state.chain.sequence || state.early.has(receipt.sequence)) {
    throw broken(state, `receipt number ${receipt.sequence} was given twice`);
  }
  state.early.set(receipt.sequence, { hash, previous: receipt.previous, charge, total: BigInt(receipt.chargedTotal) });
  advanceChain(state);
}

function advanceChain(state: ChannelState): void {
  for (;;) {
    const next = state.early.get(state.chain.sequence + 1);
    if (!next) return;
    if (next.previous !== state.chain.hash) throw broken(state, `receipt ${state.chain.sequence + 1} names another predecessor`);
    if (next.total !== state.chain.total + next.charge)
      throw broken(state, `receipt ${state.chain.sequence + 1} has a wrong running total`);
    state.early.delete(state.chain.sequence + 1);
    state.chain = { sequence: state.chain.sequence + 1, hash: next.hash, total: next.total };
  }
}

function broken(state: ChannelState, what: string): ProofError {
  return new ProofError('RECEIPT_CHAIN', `receipts of channel ${state.channel.slice(0, 12)}… do not form a chain: ${what}`);
}
