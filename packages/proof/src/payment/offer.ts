import { offer as offerShape, checkShape, statementBytesMax, type Offer, type SignedOffer } from '@tributary/schemas';
import { sha256Parts } from '#crypto';
import { toHex, utf8 } from '../bytes.ts';
import { TAG_OFFER } from '../domains.ts';
import { ProofError } from '../errors.ts';
import { readOrdered } from '../ordered-json.ts';
import { bytes32Member, typeHash, typedDigest, uintMember, type Network } from './eip712.ts';
import { recoverDigest, signDigest } from './signer.ts';

const OFFER_TYPE = typeHash('Offer(bytes32 offerHash,uint128 maxCharge,uint64 expiry)');

/** Hash of an offer's exact text, as hex. */
export function offerHash(body: string): string {
  return toHex(sha256Parts(TAG_OFFER, utf8(body)));
}

/** EIP-712 digest of an offer: what its signature covers. A contract can check it without reading the text. */
export function offerDigest(hash: string, offer: { maxCharge: string; expiry: number; network: Network }): Uint8Array {
  const members = [bytes32Member(hash), uintMember(128, BigInt(offer.maxCharge)), uintMember(64, offer.expiry)];
  return typedDigest(OFFER_TYPE, members, offer.network);
}

/** Writes and signs an offer with the provider's receipt key. */
export function signOffer(offer: Offer, privateKey: Uint8Array): SignedOffer & { hash: string } {
  const body = JSON.stringify(checkShape(offerShape, offer, 'offer'));
  const hash = offerHash(body);
  return { body, signature: signDigest(offerDigest(hash, offer), privateKey), hash };
}

/**
 * Reads an offer that `receiptSigner` (an address) must have signed. Its expiry is for the caller to judge.
 *
 * @throws ProofError OFFER_SIGNATURE when it is not signed so, OFFER_MISMATCH when its text is not an offer
 */
export function readOffer(signed: SignedOffer, receiptSigner: string): { offer: Offer; hash: string } {
  const offer = readOrdered(offerShape, signed.body, 'offer', statementBytesMax, 'OFFER_MISMATCH');
  const hash = offerHash(signed.body);
  if (recoverDigest(offerDigest(hash, offer), signed.signature) !== receiptSigner) {
    throw new ProofError('OFFER_SIGNATURE', `offer ${hash} is not signed by ${receiptSigner}, the provider's receipt signer`);
  }
  return { offer, hash };
}
