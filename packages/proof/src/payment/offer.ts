import {
  offer as offerShape,
  checkShape,
  parseOrdered,
  statementBytesMax,
  type Offer,
  type ProviderIdentity,
  type SignedOffer,
} from '@tributary/schemas';
import { sha256Parts } from '#crypto';
import { toHex, utf8 } from '../bytes.ts';
import { TAG_OFFER } from '../domains.ts';
import { ProofError, refuseAs } from '../errors.ts';
import { indexIdOwnerMatches } from '../identity.ts';
import { bytes32Member, typeHash, typedDigest, uintMember, type Network, recoverDigest, signDigest } from './eip712.ts';
import { networkOf } from './network.ts';

const OFFER_TYPE = typeHash('Offer(bytes32 offerHash,uint128 maxCharge,uint64 expiry)');

/** Hash of an offer's exact text, as hex. */
function offerHash(body: string): string {
  return toHex(sha256Parts(TAG_OFFER, utf8(body)));
}

/**
 * EIP-712 digest of an offer: what its signature covers. A contract can check it without reading the text.
 *
 * @internal exported for its tests
 */
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
 * An offer's text and the address that signed it (null when the signature is malformed).
 *
 * @throws ProofError OFFER_MISMATCH
 */
export function recoverOffer(signed: SignedOffer): { offer: Offer; hash: string; signer: string | null } {
  const offer = refuseAs('OFFER_MISMATCH', () => parseOrdered(offerShape, signed.body, 'offer', statementBytesMax));
  const hash = offerHash(signed.body);
  return { offer, hash, signer: recoverDigest(offerDigest(hash, offer), signed.signature) };
}

/** The provider that must have made the offer: a verified identity and its hash. */
export interface OfferOwner {
  readonly identity: ProviderIdentity;
  readonly hash: string;
}

export interface OfferOptions {
  /** Networks accepted besides the provider's own ledger, chosen by the reader. */
  readonly networks?: readonly Network[];
}

/**
 * Reads an offer and checks that it belongs to its provider: signed by the identity's receipt signer, naming the
 * identity, for an index of its owner, and payable in the owner's own ledger or on a network that the caller allows.
 * The caller checks its dates.
 *
 * @throws ProofError OFFER_MISMATCH when its text is not an offer or names another identity or network, OFFER_SIGNATURE
 *   when another key signed it, IDENTITY_MISMATCH when the index belongs to somebody else
 */
export function readOffer(signed: SignedOffer, owner: OfferOwner, options: OfferOptions = {}): { offer: Offer; hash: string } {
  const { receiptSigner, did } = owner.identity;
  const { offer, hash, signer } = recoverOffer(signed);
  if (signer !== receiptSigner)
    throw new ProofError('OFFER_SIGNATURE', `offer ${hash} is not signed by ${receiptSigner}, the provider's receipt signer`);
  if (offer.identity !== owner.hash)
    throw new ProofError('OFFER_MISMATCH', 'the offer names another identity than the one delivered');
  if (!indexIdOwnerMatches(offer.index, did)) throw new ProofError('IDENTITY_MISMATCH', `${did} does not own ${offer.index}`);
  if (![networkOf(did), ...(options.networks ?? [])].some((network) => sameNetwork(network, offer.network)))
    throw new ProofError('OFFER_MISMATCH', `the offer is to be paid on ${offer.network.id}, not in the ledger of ${did}`);
  return { offer, hash };
}

function sameNetwork(a: Network, b: Network): boolean {
  return a.id === b.id && a.chainId === b.chainId && a.verifyingContract === b.verifyingContract;
}
