import { receiptDigest } from '@tributary/proof/payment';
import { fromUtf8, secp256k1Sign, toHex, utf8 } from '@tributary/proof/primitives';
import type { HeldVoucher, Receipt } from '@tributary/schemas';
import { answerKeepMs } from '@tributary/store';
import { exposureRows, type Exposure, type Shown } from '../ledger/exposure.ts';
import { RelayError } from '../errors.ts';
import { damaged } from '../ledger/disk.ts';
import { encodeRow, type JournalRow } from '../ledger/journal.ts';
import { exposureKey, journalKey, receiptKey } from '../ledger/keys.ts';
import { bestVoucher, type Reservation, type Reservations } from './reservations.ts';
import { appendEntry, hasRow, putCount, putRow, rowOf, seenIn, type Draft } from '../ledger/state.ts';

/**
 * An answer that is ready to leave, and its price. Sequence, running total and previous receipt are added by the
 * commit.
 */
export interface SettleOrder {
  readonly channel: string;
  readonly ticket: string;
  readonly deadline: number;
  readonly offerHash: string;
  readonly requestHash: string;
  readonly responseHash: string;
  readonly manifestHash: string;
  readonly snapshot: number;
  readonly status: Receipt['status'];
  readonly charge: bigint;
  readonly index: string;
  readonly request: string;
  /** The date of the receipt, unix milliseconds: when the question was admitted. */
  readonly servedAt: number;
  readonly answer: JournalRow['answer'];
  readonly goneBody: string | null;
  /** Kept where the answer cannot be made again. */
  readonly body?: string;
  /** The ticket's own voucher. */
  readonly voucher: HeldVoucher;
  /** Records to count against the owner's caps; null when there are none. */
  readonly exposure: Exposure | null;
}

export interface SettleContext {
  readonly receiptKey: Uint8Array;
  readonly reservations: Reservations;
}

/**
 * Numbers, signs and books the charge of one answer. Entry, journal row, last receipt and seen records go into the same
 * draft. Errors are thrown before anything changes.
 *
 * @param reservation the reserved charge; null for a `gone` answer, which costs nothing and replaces the row of its
 *   ticket
 * @throws RelayError CHANNEL_UNKNOWN, TICKET_CONFLICT, EXPOSURE_CAP
 */
export function settleInto(draft: Draft, order: SettleOrder, reservation: Reservation | null, context: SettleContext): Receipt {
  const channel = draft.state.balances.channels.get(order.channel);
  if (channel === undefined || channel.closed)
    throw new RelayError('CHANNEL_UNKNOWN', 'the channel was closed meanwhile; open another');
  if (order.charge > (reservation?.maxCharge ?? 0n))
    throw new RelayError('INTERNAL', 'the charge exceeds what was reserved for it');
  const rowKey = journalKey(order.channel, order.ticket);
  if (hasRow(draft, rowKey) === (reservation !== null)) {
    throw new RelayError('TICKET_CONFLICT', 'the ticket was answered meanwhile; ask again with it for the same answer');
  }
  const shown = shownBy(draft, order.exposure);
  const voucher = bestVoucher(channel, context.reservations.of(order.channel), order.voucher) ?? order.voucher;
  const sequence = channel.sequence + 1;
  const chargedTotal = String(channel.charged + order.charge);
  const { receipt, hash: receiptHash } = signedReceipt(
    { ...receiptFacts(order), sequence, chargedTotal, previous: channel.receiptHash },
    draft,
    context.receiptKey,
  );
  const { channel: id, ticket, index, requestHash, offerHash: offer, deadline, request, answer, goneBody, body } = order;
  const number = draft.state.tip.entry + 1;
  const row = encodeRow({
    entry: number,
    index,
    requestHash,
    offer,
    deadline,
    request,
    answer,
    goneBody,
    ...(body === undefined ? {} : { body }),
    receipt,
    voucher: order.voucher,
  });
  const keepUntil = Math.max(draft.nowMs + answerKeepMs, deadline);
  appendEntry(draft, {
    type: 'charge',
    at: draft.nowMs,
    channel: id,
    ticket,
    index,
    sequence,
    status: order.status,
    charge: String(order.charge),
    chargedTotal,
    receiptHash,
    voucher,
    journal: row.hash,
    keepUntil,
  });
  putRow(draft, rowKey, row.bytes);
  putRow(draft, receiptKey(id), utf8(JSON.stringify(receipt)));
  putShown(draft, shown);
  // In the turn in which the charge is booked, so that no admission counts it twice or not at all.
  reservation?.release();
  return receipt;
}

/**
 * Counts records that a free answer shows.
 *
 * @throws RelayError EXPOSURE_CAP
 */
export function exposeInto(draft: Draft, exposure: Exposure): void {
  putShown(draft, shownBy(draft, exposure));
}

/**
 * The last receipt of a channel, including one in the draft.
 *
 * @throws RelayError LEDGER_DAMAGED when the balances do not vouch for it
 */
export function lastReceipt(draft: Draft, channel: string): Receipt | null {
  const bytes = rowOf(draft, receiptKey(channel));
  if (bytes === undefined) return null;
  const { balances } = draft.state;
  const receipt = JSON.parse(fromUtf8(bytes)) as Receipt;
  if (toHex(receiptDigest(receipt, balances.network)) !== balances.channels.get(channel)?.receiptHash) {
    throw damaged(`the last receipt of channel ${channel} differs`);
  }
  return receipt;
}

function receiptFacts(order: SettleOrder): Omit<Receipt, 'sequence' | 'chargedTotal' | 'previous' | 'signature'> {
  const { channel, ticket, requestHash, responseHash, offerHash, manifestHash, snapshot, status, servedAt, charge } = order;
  const names = { channel, ticket, requestHash, responseHash, offerHash, manifestHash, snapshot };
  return { ...names, status, servedAt, charge: String(charge) };
}

/** Members in the order of docs/spec/payment.md. The digest is both what is signed and the hash of the receipt. */
function signedReceipt(
  fields: Omit<Receipt, 'signature'>,
  { state }: Draft,
  key: Uint8Array,
): { receipt: Receipt; hash: string } {
  const digest = receiptDigest(fields, state.balances.network);
  return { receipt: { ...fields, signature: toHex(secp256k1Sign(key, digest).signature) }, hash: toHex(digest) };
}

function shownBy(draft: Draft, exposure: Exposure | null): Shown {
  return exposure === null ? { rows: [], counts: [] } : exposureRows(exposure, draft.nowMs, seenIn(draft));
}

function putShown(draft: Draft, { rows, counts }: Shown): void {
  for (const { group, record } of rows) putRow(draft, exposureKey(group, record), Uint8Array.of(1));
  for (const { group, count } of counts) putCount(draft, group, count);
}
