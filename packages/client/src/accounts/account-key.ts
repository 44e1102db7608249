import { hkdfSync } from 'node:crypto';

/**
 * The key that signs the vouchers of an account (docs/spec/api-keys.md#accounts). It follows from the payer's key, so
 * that no file holds it, and tells nothing of the payer's.
 */
export function accountKey(payerKey: Uint8Array, id: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', payerKey, new Uint8Array(0), `tributary/account/v1\n${id}`, 32));
}
