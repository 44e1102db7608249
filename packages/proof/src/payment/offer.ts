import {
  embeddingOffer as embeddingOfferShape,
  offer as offerShape,
  checkShape,
  parseOrdered,
  statementBytesMax,
  type EmbeddingOffer,
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

/** What the offers of indexes and of embeddings share. */
type SignedTerms = Pick<Offer, 'identity' | 'network' | 'maxCharge' | 'expiry'>;

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
  return signTerms(checkShape(offerShape, offer, 'offer'), privateKey);
}

/** The same for an offer of embeddings (docs/spec/embedding.md). */
export function signEmbeddingOffer(offer: EmbeddingOffer, privateKey: Uint8Array): SignedOffer & { hash: string } {
  return signTerms(checkShape(embeddingOfferShape, offer, 'offer of embeddings'), privateKey);
}

function signTerms(offer: SignedTerms, privateKey: Uint8Array): SignedOffer & { hash: string } {
  const body = JSON.stringify(offer);
  const hash = offerHash(body);
  return { body, signature: signDigest(offerDigest(hash, offer), privateKey), hash };
}

/** An offer as it was read, its hash, and the address that signed it; null when the signature is malformed. */
export interface RecoveredOffer<Kind> {
  readonly offer: Kind;
  readonly hash: string;
  readonly signer: string | null;
}

/**
 * Reads an offer's text and finds out who signed it.
 *
 * @throws ProofError OFFER_MISMATCH
 */
export function recoverOffer(signed: SignedOffer): RecoveredOffer<Offer> {
  return recover(
    signed,
    refuseAs('OFFER_MISMATCH', () => parseOrdered(offerShape, signed.body, 'offer', statementBytesMax)),
  );
}

/**
 * The same for an offer of embeddings.
 *
 * @throws ProofError OFFER_MISMATCH
 */
export function recoverEmbeddingOffer(signed: SignedOffer): RecoveredOffer<EmbeddingOffer> {
  const read = () => parseOrdered(embeddingOfferShape, signed.body, 'offer of embeddings', statementBytesMax);
  return recover(signed, refuseAs('OFFER_MISMATCH', read));
}

function recover<Kind extends SignedTerms>({ body, signature }: SignedOffer, offer: Kind): RecoveredOffer<Kind> {
  const hash = offerHash(body);
  return { offer, hash, signer: recoverDigest(offerDigest(hash, offer), signature) };
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
  const recovered = recoverOffer(signed);
  const { did } = owner.identity;
  checkSigner(recovered, owner);
  const { offer, hash } = recovered;
  if (!indexIdOwnerMatches(offer.index, did)) throw new ProofError('IDENTITY_MISMATCH', `${did} does not own ${offer.index}`);
  checkNetwork(offer, did, options);
  return { offer, hash };
}

/**
 * The same for an offer of embeddings, which names no index.
 *
 * @throws ProofError OFFER_MISMATCH, OFFER_SIGNATURE
 */
export function readEmbeddingOffer(
  signed: SignedOffer,
  owner: OfferOwner,
  options: OfferOptions = {},
): { offer: EmbeddingOffer; hash: string } {
  const recovered = recoverEmbeddingOffer(signed);
  checkSigner(recovered, owner);
  const { offer, hash } = recovered;
  checkNetwork(offer, owner.identity.did, options);
  return { offer, hash };
}

function checkSigner({ offer, hash, signer }: RecoveredOffer<SignedTerms>, owner: OfferOwner): void {
  const { receiptSigner } = owner.identity;
  if (signer !== receiptSigner)
    throw new ProofError('OFFER_SIGNATURE', `offer ${hash} is not signed by ${receiptSigner}, the provider's receipt signer`);
  if (offer.identity !== owner.hash)
    throw new ProofError('OFFER_MISMATCH', 'the offer names another identity than the one delivered');
}

function checkNetwork({ network }: SignedTerms, did: string, { networks = [] }: OfferOptions): void {
  if (![networkOf(did), ...networks].some((allowed) => sameNetwork(allowed, network)))
    throw new ProofError('OFFER_MISMATCH', `the offer is to be paid on ${network.id}, not in the ledger of ${did}`);
}

function sameNetwork(a: Network, b: Network): boolean {
  return a.id === b.id && a.chainId === b.chainId && a.verifyingContract === b.verifyingContract;
}
