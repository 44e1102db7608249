import { hkdfSync } from 'node:crypto';

/**
 * The key that signs the vouchers of an account (docs/spec/api-keys.md#accounts). It is derived from the payer's key,
 * so that no file holds it, and it reveals nothing about the payer's key.
 */
export function accountKey(payerKey: Uint8Array, id: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', payerKey, new Uint8Array(0), `tributary/account/v1\n${id}`, 32));
}
