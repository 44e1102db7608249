import { bytes32Member, typeHash, typedDigest, uintMember, type Network } from './eip712.ts';
import { recoverDigest, signDigest } from './signer.ts';

const VOUCHER_TYPE = typeHash('Voucher(bytes32 channelId,uint128 cumulative,bytes32 ctx)');

/** What a voucher's signature covers: the channel, its new cumulative amount, and the hash of the ticket. */
export interface VoucherFields {
  readonly channel: string;
  readonly cumulative: string;
  readonly ctx: string;
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
