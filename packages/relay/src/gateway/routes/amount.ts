import { amount, checkShape } from '@tributary/schemas';

/** A spending limit in a request, in the ledger's smallest unit. */
export function toAmount(maxCharge: string): bigint {
  return BigInt(checkShape(amount, maxCharge, 'maxCharge'));
}
