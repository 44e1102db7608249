import { z } from 'zod';
import { address, amount, bytes16, count, hash, secp256k1Signature, timeMs } from './primitives.ts';

/** Immutable terms of a channel; their EIP-712 hash is the channel id (docs/spec/payment.md). */
export const channelTerms = z.strictObject({
  payer: address,
  voucherSigner: address,
  payee: address,
  salt: hash,
});

/** What a voucher pays for. Its hash is the voucher's `ctx`. */
export const ticket = z.strictObject({
  channel: hash,
  id: bytes16,
  offer: hash,
  request: hash,
  maxCharge: amount,
  deadline: timeMs,
  ackedTotal: amount,
  ackedReceipt: hash,
});

/** Cumulative ceiling of a channel, bound to one ticket (EIP-712 `Voucher`). */
export const voucher = z.strictObject({ cumulative: amount, signature: secp256k1Signature });

/** A voucher with everything that a third party needs to check its signature. */
export const heldVoucher = z.strictObject({ cumulative: amount, ctx: hash, signature: secp256k1Signature });

export const receiptStatus = z.enum(['ok', 'empty', 'gone']);

/** The provider's signature over question, answer, snapshot and charge (EIP-712 `Receipt`). */
export const receipt = z.strictObject({
  channel: hash,
  ticket: bytes16,
  sequence: count,
  requestHash: hash,
  responseHash: hash,
  offerHash: hash,
  manifestHash: hash,
  snapshot: count,
  status: receiptStatus,
  charge: amount,
  chargedTotal: amount,
  servedAt: timeMs,
  previous: hash,
  signature: secp256k1Signature,
});

/**
 * Opens a channel: locks `deposit` of the payer's credit (EIP-712 `OpenChannel`, signed by the payer). The reply
 * repeats the nonce.
 */
export const openChannel = z.strictObject({ terms: channelTerms, deposit: amount, signature: secp256k1Signature, nonce: hash });

/**
 * A payer's request about an existing channel: return its state, or close it (EIP-712 `ReadChannel`, `CloseChannel`).
 */
export const aboutChannel = z.strictObject({ channel: hash, nonce: hash, signature: secp256k1Signature });

/** What a provider has booked for a channel (EIP-712 `ChannelState`, signed by the receipt signer). */
export const channelState = z.strictObject({
  channel: hash,
  deposit: amount,
  /** Number and hash of the last receipt; 0 and zeros before the first. */
  sequence: count,
  chargedTotal: amount,
  receiptHash: hash,
  closed: z.boolean(),
  /** The nonce of the call that this answers. */
  nonce: hash,
  signature: secp256k1Signature,
});

export type ChannelTerms = z.infer<typeof channelTerms>;
export type Ticket = z.infer<typeof ticket>;
export type Voucher = z.infer<typeof voucher>;
export type HeldVoucher = z.infer<typeof heldVoucher>;
export type Receipt = z.infer<typeof receipt>;
export type ReceiptStatus = z.infer<typeof receiptStatus>;
export type OpenChannel = z.infer<typeof openChannel>;
export type AboutChannel = z.infer<typeof aboutChannel>;
export type ChannelState = z.infer<typeof channelState>;
