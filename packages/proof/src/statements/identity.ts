import type { ProviderIdentity, SignedIdentity } from '@tributary/schemas';
import { TAG_IDENTITY } from '../domains.ts';
import { bytes32Member, typeHash, typedDigest, uintMember, signDigest } from '../payment/eip712.ts';
import { networkOf } from '../payment/network.ts';
import { signStatement } from './sign.ts';

const IDENTITY_TYPE = typeHash('ProviderIdentity(bytes32 identityHash,uint64 expiry)');

/** EIP-712 digest of an identity under the owner's ledger: what the payee countersigns. */
export function identityDigest(hash: string, { did, expiry }: Pick<ProviderIdentity, 'did' | 'expiry'>): Uint8Array {
  return typedDigest(IDENTITY_TYPE, [bytes32Member(hash), uintMember(64, expiry)], networkOf(did));
}

/** Writes an identity, signed by its owner (Ed25519 seed) and countersigned by its payee (secp256k1 key). */
export function signIdentity(
  identity: ProviderIdentity,
  keys: { owner: Uint8Array; payee: Uint8Array },
): { signed: SignedIdentity; hash: string } {
  const { body, signature, hash } = signStatement(TAG_IDENTITY, identity, keys.owner);
  return { signed: { body, signature, payeeSignature: signDigest(identityDigest(hash, identity), keys.payee) }, hash };
}
