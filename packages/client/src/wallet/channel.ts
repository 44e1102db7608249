import { ProofError } from '@tributary/proof';
import { NO_RECEIPTS, breakOfChain, type ReceiptChainEnd } from '@tributary/proof/payment';
import type { ChannelState, ChannelTerms, Offer, Receipt, Ticket, Voucher } from '@tributary/schemas';
import { ZERO_HASH } from '@tributary/proof/primitives';
import { ClientError } from '../errors.ts';
import type { Provider, TicketOrigin } from './wallet.ts';
import { firstContactInFlightMax, openTicketsMax, receiptReorderDoubt, receiptReorderMax } from './limits.ts';

/** A ticket whose answer nobody has got yet. */
export interface OpenTicket {
  ticket: Ticket;
  maxCharge: bigint;
  /** The voucher that was signed for it. Asking again sends the same one, so that it promises no more. */
  voucher?: Voucher;
  /** What is needed to ask again. */
  origin?: TicketOrigin;
  /** True when nobody waits for its answer. */
  lost?: boolean;
  /** When its deadline passes, by `elapsedMs` of the wallet. Absent for one of an earlier process. */
  overAt?: number;
  /** True when this process sent it again. */
  askedAgain?: boolean;
  /** Times that it was repeated and the link broke before its answer was verified. */
  interrupted?: number;
}

/** A ticket whose answer was verified and is on its way to its caller; `lost` when nobody waits for it. */
export interface AnsweredTicket extends OpenTicket {
  charge: bigint;
}

/** The payer's record of one channel, in the ledger's smallest unit. Only the functions of this file change it. */
export interface WalletChannel {
  readonly channel: string;
  readonly provider: Provider;
  readonly terms: ChannelTerms;
  /** The ledger that its vouchers are for. */
  readonly network: Offer['network'];
  /** Locked by the payer in this channel, as the provider states. No voucher may exceed it. */
  deposit: bigint;
  /** Highest deposit ever asked for. Above `deposit` when the reply was lost. */
  asked: bigint;
  /** Highest cumulative amount ever signed. */
  signed: bigint;
  /** Charged as far as is known: by verified receipts and by adopted states of the provider. */
  acked: bigint;
  /** Hash of the last verified receipt. */
  ackedReceipt: string;
  /** Newest receipt up to which the chain has no gap, or with which a state was adopted. */
  chain: ReceiptChainEnd;
  /** Verified receipts that arrived before an earlier one, by sequence. */
  early: Map<number, { hash: string; previous: string; charge: bigint; total: bigint }>;
  /** Receipts that the provider states were charged but that did not arrive. */
  missing: { count: number; charge: bigint };
  open: Map<string, OpenTicket>;
  /**
   * Lost tickets that were not charged when the provider's state was adopted. They take no place and promise nothing,
   * but they may be charged until their deadline, so they are asked again as long as their answers are kept.
   */
  adrift: Map<string, OpenTicket>;
  /** Tickets whose charges are booked and whose answers were not handed out yet. */
  undelivered: Map<string, AnsweredTicket>;
  /** The provider's statements contradict this record. Nothing more is signed for this channel. */
  lost: boolean;
  /** The wallet may be behind the provider. The provider's state is read before more is signed. */
  inDoubt: boolean;
}

export function newChannel(facts: Pick<WalletChannel, 'channel' | 'provider' | 'terms' | 'network'>): WalletChannel {
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
    adrift: new Map(),
    undelivered: new Map(),
    lost: false,
    inDoubt: false,
  };
}

/** Number of receipts that are verified or were adopted with a state. */
export const receiptsKnown = ({ chain, early }: WalletChannel): number => chain.sequence + early.size;

/** What the provider could still claim beyond the known charges. */
export const outstanding = ({ signed, acked }: WalletChannel): bigint => signed - acked;

/** How many more tickets may be opened now. It is one until the provider's first receipt is verified. */
export function roomInFlight(channel: WalletChannel, maxInFlight: number): number {
  const cap = channel.ackedReceipt === ZERO_HASH ? Math.min(firstContactInFlightMax, maxInFlight) : maxInFlight;
  return cap - channel.open.size;
}

/**
 * The ceiling to sign for one more ticket: `max(signed, acked + R)`, where R is the sum of what is in flight and this
 * ticket, but never more than this ticket above what was signed (docs/spec/payment.md). A later voucher covers earlier
 * tickets, so requests of one channel need not wait for each other.
 */
export function ceilingFor({ open, signed, acked }: WalletChannel, maxCharge: bigint): bigint {
  let promised = acked;
  for (const ticket of open.values()) promised += ticket.maxCharge;
  const wanted = (promised < signed ? promised : signed) + maxCharge;
  return wanted > signed ? wanted : signed;
}

/**
 * The most that the provider can claim when one more ticket is opened: what is acknowledged, and every ticket that it
 * may still charge. No voucher exceeds it, whatever the row of the channel says was signed before.
 */
export function claimable({ open, adrift, acked }: WalletChannel, maxCharge: bigint): bigint {
  let sum = acked + maxCharge;
  for (const tickets of [open, adrift]) for (const ticket of tickets.values()) sum += ticket.maxCharge;
  return sum;
}

/**
 * Opens a ticket under a ceiling.
 *
 * @throws ClientError LINK_LIMIT when too many tickets are open
 */
export function openTicket(
  channel: WalletChannel,
  draft: Omit<Ticket, 'channel' | 'ackedTotal' | 'ackedReceipt'>,
  cumulative: bigint,
): Ticket {
  if (channel.open.size >= openTicketsMax) throw new ClientError('LINK_LIMIT', `channel has ${openTicketsMax} open tickets`);
  const ticket: Ticket = {
    channel: channel.channel,
    id: draft.id,
    offer: draft.offer,
    request: draft.request,
    maxCharge: draft.maxCharge,
    deadline: draft.deadline,
    ackedTotal: String(channel.acked),
    ackedReceipt: channel.ackedReceipt,
  };
  channel.open.set(draft.id, { ticket, maxCharge: BigInt(draft.maxCharge) });
  if (cumulative > channel.signed) channel.signed = cumulative;
  return ticket;
}

/** Drops a ticket that the provider refused, because refusals cost nothing. What was signed stays signed. */
export function releaseTicket(channel: WalletChannel, ticketId: string): void {
  channel.open.delete(ticketId);
  channel.adrift.delete(ticketId);
}

/** A ticket that may still be charged. */
export const unsettled = ({ open, adrift }: WalletChannel, ticketId: string): OpenTicket | undefined =>
  open.get(ticketId) ?? adrift.get(ticketId);

/** Tickets whose answers nobody waits for, and which providers may still keep. */
export const waitingTickets = ({ open, adrift, undelivered }: WalletChannel): OpenTicket[] => [
  ...[...open.values(), ...undelivered.values()].filter(({ lost }) => lost === true),
  ...adrift.values(),
];

/**
 * Books a verified receipt: acknowledges its charge, closes its ticket, and checks its place in the receipt chain as
 * soon as the receipts before it have arrived.
 *
 * @returns whether it was counted as missing before; then its charge is booked already
 * @throws ProofError RECEIPT_CHAIN when the provider numbered, linked or summed receipts wrongly, or charged more than
 *   was signed
 */
export function acknowledge(channel: WalletChannel, receipt: Receipt, hash: string): { late: boolean } {
  releaseTicket(channel, receipt.ticket);
  const charge = BigInt(receipt.charge);
  const { chain, early, missing } = channel;
  if (receipt.sequence <= chain.sequence && missing.count > 0 && charge <= missing.charge) {
    channel.missing = { count: missing.count - 1, charge: missing.charge - charge };
    channel.ackedReceipt = hash;
    return { late: true };
  }
  if (charge > outstanding(channel)) throw broken(channel, `receipt ${receipt.sequence} charges more than was signed`);
  channel.acked += charge;
  channel.ackedReceipt = hash;
  if (early.size >= receiptReorderMax) throw broken(channel, `more than ${receiptReorderMax} receipts wait for an earlier one`);
  if (receipt.sequence <= chain.sequence || early.has(receipt.sequence))
    throw broken(channel, `receipt number ${receipt.sequence} was given twice`);
  early.set(receipt.sequence, { hash, previous: receipt.previous, charge, total: BigInt(receipt.chargedTotal) });
  advanceChain(channel);
  // An earlier receipt that no open ticket can deliver any more is missing.
  if (early.size >= receiptReorderDoubt || (early.size > 0 && channel.open.size === 0)) channel.inDoubt = true;
  return { late: false };
}

function advanceChain(channel: WalletChannel): void {
  for (;;) {
    const sequence = channel.chain.sequence + 1;
    const next = channel.early.get(sequence);
    if (!next) return;
    const wrong = breakOfChain(channel.chain, { ...next, sequence });
    if (wrong !== null) throw broken(channel, wrong);
    channel.early.delete(sequence);
    channel.chain = { sequence, hash: next.hash, total: next.total };
  }
}

function broken(channel: WalletChannel, what: string): ProofError {
  return new ProofError('RECEIPT_CHAIN', `receipts of channel ${channel.channel.slice(0, 12)}… do not form a chain: ${what}`);
}

/** Number of the newest verified receipt. No state from now on may be older. */
export const newestReceipt = ({ chain, early }: WalletChannel): number => Math.max(chain.sequence, ...early.keys());

/**
 * Adopts the charges that the provider states. It may claim them in any case if they are within what was signed.
 *
 * @param newest result of `newestReceipt` when the state was requested; receipts may have arrived since
 * @returns how many receipts are missing and their total charge, which now counts as spent
 * @throws ProofError RECEIPT_CHAIN when the state contradicts verified receipts, or charges more than was signed
 */
export function takeOver(channel: WalletChannel, told: ChannelState, newest: number): { count: number; charge: bigint } {
  const total = BigInt(told.chargedTotal);
  const { chain, early } = channel;
  if (total > channel.signed) throw broken(channel, `${total} are charged, ${channel.signed} were signed`);
  if (told.sequence < newest) throw broken(channel, `the state ends at receipt ${told.sequence}, receipt ${newest} was given`);
  const same = told.sequence === chain.sequence ? chain : early.get(told.sequence);
  if (same && (same.hash !== told.receiptHash || same.total !== total))
    throw broken(channel, `receipt ${told.sequence} is another in the state`);
  const none = { count: 0, charge: 0n };
  if (told.sequence <= chain.sequence) return none;
  const inside = [...early].filter(([sequence]) => sequence <= told.sequence);
  const known = inside.reduce((sum, [, receipt]) => sum + receipt.charge, chain.total);
  const found = { count: told.sequence - chain.sequence - inside.length, charge: total - known };
  if (found.charge < 0n || (found.count === 0 && found.charge > 0n) || found.charge > outstanding(channel))
    throw broken(channel, `the state sums receipts to ${total} wrongly`);
  for (const [sequence] of inside) early.delete(sequence);
  channel.missing = { count: channel.missing.count + found.count, charge: channel.missing.charge + found.charge };
  channel.acked += found.charge;
  channel.chain = { sequence: told.sequence, hash: told.receiptHash, total };
  advanceChain(channel);
  return found;
}
