import type { Ticket } from '@tributary/schemas';
import { sha256Parts } from '#crypto';
import { fromBase64url, fromHex, toHex, u128, u64 } from '../bytes.ts';
import { TAG_TICKET } from '../domains.ts';
import { bytes32Member, typeHash, typedDigest, uintMember, type Network, recoverDigest, signDigest } from './eip712.ts';

const VOUCHER_TYPE = typeHash('Voucher(bytes32 channelId,uint128 cumulative,bytes32 ctx)');

/** What a voucher's signature covers: the channel, its new cumulative amount, and the hash of the ticket. */
export interface VoucherFields {
  readonly channel: string;
  readonly cumulative: string;
  readonly ctx: string;
}

/**
 * Hash of a ticket, the voucher's `ctx`. It binds the payment to one question under one offer (docs/spec/payment.md).
 */
export function ticketHash(ticket: Ticket): string {
  return toHex(
    sha256Parts(
      TAG_TICKET,
      fromHex(ticket.channel),
      fromBase64url(ticket.id),
      fromHex(ticket.offer),
      fromHex(ticket.request),
      u128(BigInt(ticket.maxCharge)),
      u64(ticket.deadline),
      u128(BigInt(ticket.ackedTotal)),
      fromHex(ticket.ackedReceipt),
    ),
  );
}

/** Signature of a voucher by the channel's voucher signer, as hex. */
export function signVoucher(fields: VoucherFields, network: Network, privateKey: Uint8Array): string {
  return signDigest(voucherDigest(fields, network), privateKey);
}

/** Address that signed a voucher; it must equal `terms.voucherSigner`. Null when the signature is malformed. */
export function recoverVoucher(fields: VoucherFields, signature: string, network: Network): string | null {
  return recoverDigest(voucherDigest(fields, network), signature);
}

/**
 * EIP-712 digest of a voucher.
 *
 * @internal exported for its tests
 */
export function voucherDigest(fields: VoucherFields, network: Network): Uint8Array {
  const members = [bytes32Member(fields.channel), uintMember(128, BigInt(fields.cumulative)), bytes32Member(fields.ctx)];
  return typedDigest(VOUCHER_TYPE, members, network);
}
