import type { Receipt, ReceiptStatus } from '@tributary/schemas';
import { toHex, ZERO_HASH } from '../bytes.ts';
import { bytes32Member, typeHash, typedDigest, uintMember, type Network, recoverDigest, signDigest } from './eip712.ts';

const RECEIPT_TYPE = typeHash(
  'Receipt(bytes32 channelId,bytes16 ticketId,uint64 sequence,bytes32 requestHash,bytes32 responseHash,bytes32 offerHash,' +
    'bytes32 manifestHash,uint64 snapshot,uint8 status,uint128 charge,uint128 chargedTotal,uint64 servedAt,bytes32 previous)',
);
const STATUS: Readonly<Record<ReceiptStatus, number>> = { ok: 0, empty: 1, gone: 2 };

export type ReceiptFields = Omit<Receipt, 'signature'>;

/** EIP-712 digest of a receipt; as hex it is the receipt's hash. */
export function receiptDigest(receipt: ReceiptFields, network: Network): Uint8Array {
  const members = [
    bytes32Member(receipt.channel),
    { type: 'bytes16', base64url: receipt.ticket } as const,
    uintMember(64, receipt.sequence),
    bytes32Member(receipt.requestHash),
    bytes32Member(receipt.responseHash),
    bytes32Member(receipt.offerHash),
    bytes32Member(receipt.manifestHash),
    uintMember(64, receipt.snapshot),
    uintMember(8, STATUS[receipt.status]),
    uintMember(128, BigInt(receipt.charge)),
    uintMember(128, BigInt(receipt.chargedTotal)),
    uintMember(64, receipt.servedAt),
    bytes32Member(receipt.previous),
  ];
  return typedDigest(RECEIPT_TYPE, members, network);
}

/** Hash of a receipt, which the next one of the channel names as `previous`. */
export function receiptHash(receipt: ReceiptFields, network: Network): string {
  return toHex(receiptDigest(receipt, network));
}

/** Signs a receipt with the provider's receipt key. */
export function signReceipt(fields: ReceiptFields, network: Network, privateKey: Uint8Array): Receipt {
  return { ...fields, signature: signDigest(receiptDigest(fields, network), privateKey) };
}

/**
 * Address that signed a receipt; it must equal the identity's `receiptSigner`. Null when the signature is malformed.
 */
export function recoverReceipt(receipt: Receipt, network: Network): string | null {
  return recoverDigest(receiptDigest(receipt, network), receipt.signature);
}

/** The end of a channel's receipt chain after one of its receipts. */
export interface ReceiptChainEnd {
  readonly sequence: number;
  /** Hash of the receipt, hex. */
  readonly hash: string;
  /** Charged in total. */
  readonly total: bigint;
}

/** The end of the chain of a channel without receipts. */
export const NO_RECEIPTS: ReceiptChainEnd = { sequence: 0, hash: ZERO_HASH, total: 0n };

/** A receipt as a link of its channel's chain. A caller that does not know the predecessor leaves it out. */
export interface ReceiptLink {
  readonly sequence: number;
  readonly previous?: string;
  readonly charge: bigint;
  readonly total: bigint;
}

/**
 * The reason why a receipt cannot be the next after `end`, or null. It checks number, predecessor and running total
 * (docs/spec/payment.md).
 */
export function breakOfChain(end: ReceiptChainEnd, next: ReceiptLink): string | null {
  if (next.sequence !== end.sequence + 1) return `receipt ${next.sequence} follows receipt ${end.sequence}`;
  if (next.previous !== undefined && next.previous !== end.hash) return `receipt ${next.sequence} names another predecessor`;
  if (next.total !== end.total + next.charge)
    return `receipt ${next.sequence} has the running total ${next.total}, not ${end.total + next.charge}`;
  return null;
}
