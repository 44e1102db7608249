// The maker of a voucher need not recover its signer. Nothing else about a payment may pass because of that.
import type { Bundle } from '@tributary/schemas';
import { expect, test } from 'vitest';
import { makeTestBundle } from './_bundle.ts';
import { seed } from './_index.ts';
import { verifyAnswer, type OwnVoucher } from '../src/index.ts';
import { signVoucher, ticketHash } from '../src/payment.ts';

const paid = makeTestBundle();
const { ticket, voucher, terms } = paid.payment!;
const network = JSON.parse(paid.offer.body).network;
const fields = { channel: ticket.channel, cumulative: voucher.cumulative, ctx: ticketHash(ticket) };
const own: OwnVoucher = { ...fields, signature: voucher.signature, signer: terms.voucherSigner };
const foreign = signVoucher(fields, network, seed('stranger'));

function codeOf(ownVoucher: OwnVoucher, change: (payment: NonNullable<Bundle['payment']>) => void = () => undefined): unknown {
  const bundle = structuredClone(paid);
  change(bundle.payment!);
  try {
    verifyAnswer(bundle, { ownVoucher });
    return null;
  } catch (error) {
    return (error as { code: unknown }).code;
  }
}

test('an answer paid with the own voucher passes', () => {
  expect(codeOf(own)).toBe(null);
});

test('the signature is not verified again when it is the own one', () => {
  const signed = { ...own, signature: foreign };
  expect(codeOf(signed, (payment) => (payment.voucher.signature = foreign))).toBe(null);
});

test('a signer that the channel does not name is refused', () => {
  expect(codeOf({ ...own, signer: `0x${'0'.repeat(40)}` })).toBe('VOUCHER_SIGNATURE');
});

test.each<[string, (payment: NonNullable<Bundle['payment']>) => void]>([
  ['another signature', (payment) => (payment.voucher.signature = foreign)],
  ['another amount', (payment) => (payment.voucher.cumulative = '9999')],
  ['a ticket that allows more', (payment) => (payment.ticket.maxCharge = '999')],
  ['a ticket with another deadline', (payment) => (payment.ticket.deadline += 1)],
])('%s is recovered as usual, and refused', (_name, change) => {
  expect(codeOf(own, change)).toBe('VOUCHER_SIGNATURE');
});

test.each<[string, Partial<OwnVoucher>]>([
  ['channel', { channel: 'a'.repeat(64) }],
  ['amount', { cumulative: '1' }],
  ['ticket', { ctx: 'a'.repeat(64) }],
])('an own voucher for another %s vouches for nothing', (_name, other) => {
  const change = (payment: NonNullable<Bundle['payment']>) => (payment.voucher.signature = foreign);
  expect(codeOf({ ...own, signature: foreign, ...other }, change)).toBe('VOUCHER_SIGNATURE');
});
