import { ProofError } from '@tributary/proof';
import { NO_RECEIPTS, breakOfChain, type ReceiptChainEnd } from '@tributary/proof/payment';
import type { ChannelState as ToldState, ChannelTerms, Offer, Receipt, Ticket } from '@tributary/schemas';
import { ZERO_HASH } from '@tributary/proof/primitives';
import { ClientError } from '../errors.ts';
import type { Provider, TicketOrigin } from './wallet.ts';
import { firstContactInFlightMax, openTicketsMax, receiptReorderDoubt, receiptReorderMax } from './limits.ts';

/** A ticket whose answer has not been verified yet. */
export interface OpenTicket {
  ticket: Ticket;
  maxCharge: bigint;
  /** What asking again takes. */
  origin?: TicketOrigin;
  /** True when nobody waits for its answer. */
  lost?: boolean;
  /** Times that it was asked again and the link broke before its answer was verified. */
  interrupted?: number;
}

/** The payer's record of one channel. Amounts in the ledger's smallest unit. Changed only by the functions of this file. */
export interface ChannelState {
  readonly channel: string;
  readonly provider: Provider;
  readonly terms: ChannelTerms;
  /** The ledger that its vouchers are good on. */
  readonly network: Offer['network'];
  /** Locked by the payer in this channel, as the provider states: no voucher may exceed it. */
  deposit: bigint;
  /** Highest deposit ever asked for; above `deposit` when the reply was lost. */
  asked: bigint;
  /** Highest cumulative ever signed. */
  signed: bigint;
  /** Charged as far as is known: verified receipts, and what was taken over from the provider's state. */
  acked: bigint;
  /** Hash of the receipt verified last. */
  ackedReceipt: string;
  /** Newest receipt up to which the chain has no gap, or which a state was taken over with. */
  chain: ReceiptChainEnd;
  /** Verified receipts that came before an earlier one, by sequence. */
  early: Map<number, { hash: string; previous: string; charge: bigint; total: bigint }>;
  /** Receipts that were charged, as the provider states, and did not arrive. */
  missing: { count: number; charge: bigint };
  open: Map<string, OpenTicket>;
  /** The provider's statements contradict this record: nothing more is signed here. */
  lost: boolean;
  /** The books may be behind those of the provider: its state is read before more is signed. */
  inDoubt: boolean;
}

export function newChannelState(facts: Pick<ChannelState, 'channel' | 'provider' | 'terms' | 'network'>): ChannelState {
  return {
    ...facts,
    deposit: 0n,
    asked: 0n,
    signed: 0n,
    acked: 0n,
    ackedReceipt: ZERO_HASH,
    chain: NO_RECEIPTS,
    early: new Map(),
    missing: { count: 0, charge: 0n },
    open: new Map(),
    lost: false,
    inDoubt: false,
  };
}

/** How many receipts are verified, or were taken over with a state. */
export const receiptsKnown = ({ chain, early }: ChannelState): number => chain.sequence + early.size;

/** What the provider could still claim beyond what is known to be charged. */
export const outstanding = ({ signed, acked }: ChannelState): bigint => signed - acked;

/** How many more tickets may be opened now; one until the provider has shown a first good receipt. */
export function roomInFlight(state: ChannelState, maxInFlight: number): number {
  const cap = state.ackedReceipt === ZERO_HASH ? Math.min(firstContactInFlightMax, maxInFlight) : maxInFlight;
  return cap - state.open.size;
}

/**
 * The ceiling to sign for one more ticket: `max(signed, acked + R)`, R the sum of what is in flight and this one, but never more than this
 * one above what was signed (docs/spec/payment.md). Any later voucher covers earlier tickets, so requests of one channel need not wait for
 * each other.
 */
export function ceilingFor({ open, signed, acked }: ChannelState, maxCharge: bigint): bigint {
  let promised = acked;
  for (const ticket of open.values()) promised += ticket.maxCharge;
  const wanted = (promised < signed ? promised : signed) + maxCharge;
  return wanted > signed ? wanted : signed;
}

/** Opens a ticket under a ceiling. @throws ClientError LINK_LIMIT when too many tickets are open */
export function openTicket(
  state: ChannelState,
  draft: Omit<Ticket, 'channel' | 'ackedTotal' | 'ackedReceipt'>,
  cumulative: bigint,
): Ticket {
  if (state.open.size >= openTicketsMax) throw new ClientError('LINK_LIMIT', `channel has ${openTicketsMax} open tickets`);
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
  state.open.set(draft.id, { ticket, maxCharge: BigInt(draft.maxCharge) });
  state.signed = cumulative;
  return ticket;
}

/** Forgets a ticket that the provider refused: refusals cost nothing. What was signed stays signed. */
export function releaseTicket(state: ChannelState, ticketId: string): void {
  state.open.delete(ticketId);
}

/**
 * Books a verified receipt: its charge is acknowledged, its ticket closed, and its place in the receipt chain checked as soon as the
 * receipts before it are there.
 *
 * @returns whether it was counted as missing before: then its charge is booked already
 * @throws ProofError RECEIPT_CHAIN when the provider numbered, linked or summed receipts wrongly, or charged more than was signed
 */
export function acknowledge(state: ChannelState, receipt: Receipt, hash: string): { late: boolean } {
  state.open.delete(receipt.ticket);
  const charge = BigInt(receipt.charge);
  const { chain, early, missing } = state;
  if (receipt.sequence <= chain.sequence && missing.count > 0 && charge <= missing.charge) {
    state.missing = { count: missing.count - 1, charge: missing.charge - charge };
    state.ackedReceipt = hash;
    return { late: true };
  }
  if (charge > outstanding(state)) throw broken(state, `receipt ${receipt.sequence} charges more than was signed`);
  state.acked += charge;
  state.ackedReceipt = hash;
  if (early.size >= receiptReorderMax) throw broken(state, `more than ${receiptReorderMax} receipts wait for an earlier one`);
  if (receipt.sequence <= chain.sequence || early.has(receipt.sequence))
    throw broken(state, `receipt number ${receipt.sequence} was given twice`);
  early.set(receipt.sequence, { hash, previous: receipt.previous, charge, total: BigInt(receipt.chargedTotal) });
  advanceChain(state);
  // An earlier receipt that no open ticket can bring any more is missing.
  if (early.size >= receiptReorderDoubt || (early.size > 0 && state.open.size === 0)) state.inDoubt = true;
  return { late: false };
}

function advanceChain(state: ChannelState): void {
  for (;;) {
    const sequence = state.chain.sequence + 1;
    const next = state.early.get(sequence);
    if (!next) return;
    const wrong = breakOfChain(state.chain, { ...next, sequence });
    if (wrong !== null) throw broken(state, wrong);
    state.early.delete(sequence);
    state.chain = { sequence, hash: next.hash, total: next.total };
  }
}

function broken(state: ChannelState, what: string): ProofError {
  return new ProofError('RECEIPT_CHAIN', `receipts of channel ${state.channel.slice(0, 12)}… do not form a chain: ${what}`);
}

/** Number of the newest receipt that was verified: no state that is told from now on may be older. */
export const newestReceipt = ({ chain, early }: ChannelState): number => Math.max(chain.sequence, ...early.keys());

/**
 * Takes over what the provider says it has charged, which it may claim in any case when it is not above what was signed.
 *
 * @param newest what `newestReceipt` was when the state was asked for: receipts on their way may have come since
 * @returns how many receipts are missing and what they charged, now counted as spent
 * @throws ProofError RECEIPT_CHAIN when the state contradicts receipts that were verified, or charges more than was signed
 */
export function takeOver(state: ChannelState, told: ToldState, newest: number): { count: number; charge: bigint } {
  const total = BigInt(told.chargedTotal);
  const { chain, early } = state;
  if (total > state.signed) throw broken(state, `${total} are charged, ${state.signed} were signed`);
  if (told.sequence < newest) throw broken(state, `the state ends at receipt ${told.sequence}, receipt ${newest} was given`);
  const same = told.sequence === chain.sequence ? chain : early.get(told.sequence);
  if (same && (same.hash !== told.receiptHash || same.total !== total))
    throw broken(state, `receipt ${told.sequence} is another in the state`);
  const none = { count: 0, charge: 0n };
  if (told.sequence <= chain.sequence) return none;
  const inside = [...early].filter(([sequence]) => sequence <= told.sequence);
  const known = inside.reduce((sum, [, receipt]) => sum + receipt.charge, chain.total);
  const found = { count: told.sequence - chain.sequence - inside.length, charge: total - known };
  if (found.charge < 0n || (found.count === 0 && found.charge > 0n) || found.charge > outstanding(state))
    throw broken(state, `the state sums receipts to ${total} wrongly`);
  for (const [sequence] of inside) early.delete(sequence);
  state.missing = { count: state.missing.count + found.count, charge: state.missing.charge + found.charge };
  state.acked += found.charge;
  state.chain = { sequence: told.sequence, hash: told.receiptHash, total };
  advanceChain(state);
  return found;
}
