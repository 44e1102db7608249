import { fromHex, sha256Parts, utf8, ZERO_HASH } from '@tributary/proof/primitives';
import {
  address,
  amount,
  bytes16,
  channelTerms,
  checkShape,
  count,
  hash,
  heldVoucher,
  parseStrict,
  receiptStatus,
  saleName,
  text,
  timeMs,
  voucher,
} from '@tributary/schemas';
import { z } from 'zod';
import { entryBytesMax, noteBytesMax } from './limits.ts';

const TAG_ENTRY = utf8('tributary/ledger-entry/v1\n');

/** Length of an entry's hash, which comes before the entry in its row. */
export const HASH_BYTES = 32;

/** Members of every entry: format, place in the chain, kind, Unix milliseconds. */
const entryOf = <Kind extends string>(kind: Kind) =>
  z.strictObject({ v: z.literal(1), entry: count.min(1), type: z.literal(kind), at: timeMs });

/** The entries of a ledger (docs/spec/ledger.md). Members are written in this order. */
export const ledgerEntry = z.discriminatedUnion('type', [
  entryOf('grant').extend({ payer: address, amount, note: text(noteBytesMax) }),
  entryOf('open').extend({ channel: hash, terms: channelTerms, deposit: amount, signature: voucher.shape.signature }),
  entryOf('charge').extend({
    channel: hash,
    ticket: bytes16,
    /** The index, or the model whose vectors were sold. */
    index: saleName,
    /** Number of the receipt in its channel. */
    sequence: count.min(1),
    status: receiptStatus,
    charge: amount,
    chargedTotal: amount,
    receiptHash: hash,
    /** The highest voucher of the channel that was verified before this charge. */
    voucher: heldVoucher,
    /** SHA-256 of the journal row that was written with this entry, and the time until which the row is kept. */
    journal: hash,
    keepUntil: timeMs,
  }),
  entryOf('close').extend({ channel: hash, refunded: amount }),
]);
export type LedgerEntry = z.output<typeof ledgerEntry>;
export type ChargeEntry = Extract<LedgerEntry, { type: 'charge' }>;
type WithoutPlace<Entry> = Entry extends LedgerEntry ? Omit<Entry, 'v' | 'entry'> : never;
/** An entry that has no place in the chain yet. */
export type NewEntry = WithoutPlace<LedgerEntry>;

/**
 * The exact text of an entry: canonical JSON, members in the order of the schema.
 *
 * @throws TributaryError INPUT_SHAPE
 */
export function writeEntry(entry: number, { type, at, ...rest }: NewEntry): { entry: LedgerEntry; body: Uint8Array } {
  const checked = checkShape(ledgerEntry, { v: 1, entry, type, at, ...rest }, 'ledger entry');
  return { entry: checked, body: utf8(JSON.stringify(checked)) };
}

/** @throws TributaryError when the bytes are not an entry in its only valid serialisation */
export function readEntry(body: Uint8Array): LedgerEntry {
  return parseStrict(ledgerEntry, body, 'ledger entry', entryBytesMax);
}

/** Hash of an entry, which covers all entries before it: `H(tag ‖ previous hash ‖ body)`. */
export function entryHash(previous: Uint8Array, body: Uint8Array): Uint8Array {
  return sha256Parts(TAG_ENTRY, previous, body);
}

export const zeroHashBytes = (): Uint8Array => fromHex(ZERO_HASH);
