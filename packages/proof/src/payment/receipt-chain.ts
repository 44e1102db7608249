import { ZERO_HASH } from '../bytes.ts';

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
