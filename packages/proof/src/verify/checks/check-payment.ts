import { utf8Length, type Offer, type ProofErrorCode, type Receipt, type ResultItem } from '@tributary/schemas';
import { ZERO_HASH } from '../../bytes.ts';
import { ProofError } from '../../errors.ts';
import { channelId } from '../../payment/channel.ts';
import { chargeOf, isFree } from '../../payment/price.ts';
import { NO_RECEIPTS, breakOfChain } from '../../payment/receipt.ts';
import { ticketHash, recoverVoucher, type VoucherFields } from '../../payment/voucher.ts';
import type { AnswerParts, OwnVoucher, VerifiedIdentity, VerifiedOffer, VerifiedReceipt } from '../types.ts';

type Payment = NonNullable<AnswerParts['payment']>;

/** What an offer of any kind says about a payment, and what it charges for this answer. */
export interface ChargeTerms {
  readonly offer: Pick<Offer, 'network' | 'unit'>;
  readonly offerHash: string;
  readonly free: boolean;
  charge(ticketMaxCharge: string): bigint;
}

/** Step 5: the voucher pays for this question in this channel, and the charge follows from the offer. */
export function checkPayment(
  { payment }: AnswerParts,
  identity: VerifiedIdentity,
  { offer, hash: offerHash }: VerifiedOffer,
  verified: VerifiedReceipt,
  own?: OwnVoucher,
): void {
  const terms: ChargeTerms = {
    offer,
    offerHash,
    free: isFree(offer.price),
    charge(ticketMaxCharge) {
      const { status, results } = verified.answer;
      const bytesOf = ({ shown }: ResultItem, at: number) => verified.items[at]!.known?.textBytes ?? utf8Length(shown.text.value);
      const textBytes = results.reduce((sum, item, at) => sum + bytesOf(item, at), 0);
      return chargeOf(offer, { status, results: results.length, textBytes, ticketMaxCharge });
    },
  };
  checkCharged(payment, identity, terms, verified.receipt, own);
}

/** The same for whatever was sold. */
export function checkCharged(
  payment: AnswerParts['payment'],
  { identity }: VerifiedIdentity,
  terms: ChargeTerms,
  receipt: Receipt,
  own?: OwnVoucher,
): void {
  if (payment === null) return checkFree(receipt);
  if (terms.free) throw new ProofError('RECEIPT_MISMATCH', 'an answer under a free offer has no payment');
  checkChannel(payment, terms, identity.payee, receipt);
  checkTicket(payment, terms.offerHash, receipt);
  checkVoucher(payment, terms, own);
  checkCharge(payment, terms, receipt);
}

/** A provider may answer free of charge whatever its offer says, as it does for the owner of the index. */
function checkFree({ channel, previous, sequence, charge, chargedTotal }: Receipt): void {
  if (channel !== ZERO_HASH || previous !== ZERO_HASH || sequence !== 0)
    throw new ProofError('RECEIPT_MISMATCH', 'the receipt names a channel, but there is no payment');
  if (charge !== '0' || chargedTotal !== '0') throw new ProofError('RECEIPT_CHARGE', 'the receipt of a free answer has a charge');
}

function checkChannel({ terms }: Payment, { offer }: ChargeTerms, payee: string, receipt: Receipt): void {
  if (channelId(terms, offer.network) !== receipt.channel)
    throw new ProofError('CHANNEL_ID', 'the channel of the receipt is not the hash of the terms');
  if (terms.payee !== payee)
    throw new ProofError('IDENTITY_MISMATCH', `the channel pays ${terms.payee}, not the provider's payee`);
}

function checkTicket({ ticket }: Payment, offerHash: string, receipt: Receipt): void {
  const wrong = (what: string, code: ProofErrorCode = 'TICKET_MISMATCH') =>
    new ProofError(code, `the ticket names another ${what}`);
  if (ticket.channel !== receipt.channel) throw wrong('channel');
  if (ticket.offer !== offerHash) throw wrong('offer');
  if (ticket.request !== receipt.requestHash) throw wrong('request');
  if (ticket.id !== receipt.ticket) throw new ProofError('RECEIPT_MISMATCH', 'the receipt answers another ticket');
}

function checkVoucher(
  { terms, ticket, voucher }: Payment,
  { offer: { network } }: ChargeTerms,
  own: OwnVoucher | undefined,
): void {
  const fields = { channel: ticket.channel, cumulative: voucher.cumulative, ctx: ticketHash(ticket) };
  const signer = isOwn(fields, voucher.signature, own) ? own.signer : recoverVoucher(fields, voucher.signature, network);
  if (signer !== terms.voucherSigner)
    throw new ProofError('VOUCHER_SIGNATURE', `the voucher for this ticket is not signed by ${terms.voucherSigner}`);
  // Another voucher of the channel may cover more, so the running total cannot be compared here.
  if (BigInt(voucher.cumulative) < BigInt(ticket.ackedTotal))
    throw new ProofError('VOUCHER_AMOUNT', 'the voucher is below what its own ticket acknowledges');
}

function isOwn(fields: VoucherFields, signature: string, own: OwnVoucher | undefined): own is OwnVoucher {
  const { channel, cumulative, ctx } = fields;
  return own?.signature === signature && own.channel === channel && own.cumulative === cumulative && own.ctx === ctx;
}

function checkCharge({ ticket }: Payment, terms: ChargeTerms, receipt: Receipt): void {
  const expected = terms.charge(ticket.maxCharge);
  const charge = BigInt(receipt.charge);
  if (charge !== expected)
    throw new ProofError(
      'RECEIPT_CHARGE',
      `the receipt charges ${charge}; the offer's price gives ${expected} ${terms.offer.unit}`,
    );
  const before = BigInt(receipt.chargedTotal) - charge;
  const { sequence, previous, chargedTotal } = receipt;
  const first = { sequence, previous, charge, total: BigInt(chargedTotal) };
  if (sequence <= 1 ? breakOfChain(NO_RECEIPTS, first) !== null : previous === ZERO_HASH)
    throw new ProofError('RECEIPT_CHAIN', 'the first receipt of a channel, and no other, has no predecessor');
  if (before < BigInt(ticket.ackedTotal))
    throw new ProofError('RECEIPT_CHAIN', 'the running total is below what the client had already acknowledged');
}
