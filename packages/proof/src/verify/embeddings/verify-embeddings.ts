import type { EmbeddingBundle, EmbeddingOffer, Embeddings, EmbedRequest, ProviderIdentity } from '@tributary/schemas';
import { isFiniteVector, vectorFromBase64url, ZERO_HASH } from '../../bytes.ts';
import { ProofError } from '../../errors.ts';
import { readEmbeddingOffer } from '../../payment/offer.ts';
import { embeddingPriceOf, isFreeEmbedding, textBytesOf } from '../../payment/price.ts';
import { readEmbeddings, readEmbedRequest } from '../../requests.ts';
import { createVerifierCaches } from '../caches.ts';
import { checkAsked, checkMost } from '../checks/check-expectations.ts';
import { checkIdentity } from '../checks/check-identity.ts';
import { checkCharged } from '../checks/check-payment.ts';
import { checkSigned } from '../checks/check-receipt.ts';
import { checkClock, isValid, ownTime } from '../clock.ts';
import type { NotProven } from '../not-proven.ts';
import { refuseUnpinned, unpinnedKeys, type Unpinned } from '../pins.ts';
import type { VerifiedIdentity, VerifyOptions } from '../types.ts';
import { failClosed } from '../verify-answer.ts';

/** What is needed to verify sold vectors: the members of their bundle. `response` may be the bytes as they arrived. */
export type EmbeddingParts = Omit<EmbeddingBundle, 'v' | 'type' | 'response'> & { readonly response: string | Uint8Array };

/** Vectors that passed every check. That the model was run is none of them. */
export interface VerifiedEmbeddings {
  readonly request: EmbedRequest;
  readonly answer: Embeddings;
  /** In the order of the texts. */
  readonly vectors: readonly Float32Array[];
  readonly receiptHash: string;
  readonly identity: ProviderIdentity;
  readonly offer: EmbeddingOffer;
  /** The keys that the trust file does not list; without one, all of them. */
  readonly unpinned: readonly Unpinned[];
  readonly notProven: readonly NotProven[];
}

/**
 * Verifies sold vectors from their parts, in the order of docs/spec/embedding.md.
 *
 * @throws ProofError with the code of the first check that failed
 */
export function verifyEmbeddings(parts: EmbeddingParts, options: VerifyOptions = {}): VerifiedEmbeddings {
  return failClosed(() => runChecks(parts, options));
}

function runChecks(parts: EmbeddingParts, options: VerifyOptions): VerifiedEmbeddings {
  const { caches = createVerifierCaches(), trust, expected = {} } = options;
  const identity = checkIdentity(parts, caches, ownTime(options));
  const { offer, hash } = checkOffer(parts, identity, options);
  const receiptHash = checkSigned(parts, identity, { network: offer.network, hash });
  const { request, answer } = readTexts(parts);
  const price = embeddingPriceOf(offer.price, request.texts.length, textBytesOf(request.texts));
  const terms = { offer, offerHash: hash, free: isFreeEmbedding(offer.price), charge: () => price };
  checkCharged(parts.payment, identity, terms, parts.receipt, options.ownVoucher);
  const vectors = checkVectors(request, answer, offer);
  const unpinned = unpinnedKeys(trust, { identity: identity.identity, index: null, paid: parts.payment !== null });
  if (options.requirePins) refuseUnpinned(unpinned);
  checkAsked(parts, hash, expected);
  checkMost(parts.receipt, expected);
  checkClock(parts, { cosignatures: [] }, options);
  const notProven: NotProven[] = ownTime(options) === null ? ['embedding', 'servedAt'] : ['embedding'];
  return { request, answer, vectors, receiptHash, identity: identity.identity, offer, unpinned, notProven };
}

function checkOffer(parts: EmbeddingParts, owner: VerifiedIdentity, options: VerifyOptions) {
  const read = readEmbeddingOffer(parts.offer, owner, options);
  if (!isValid(read.offer, parts, ownTime(options)))
    throw new ProofError('OFFER_EXPIRED', 'the offer was not valid when the answer was made');
  return read;
}

function readTexts({ receipt, request: { body }, response }: EmbeddingParts): { request: EmbedRequest; answer: Embeddings } {
  if (receipt.manifestHash !== ZERO_HASH || receipt.snapshot !== 0 || receipt.status !== 'ok')
    throw new ProofError('RECEIPT_MISMATCH', 'a receipt for vectors names no manifest and no snapshot, and its status is ok');
  return { request: readEmbedRequest(body), answer: readEmbeddings(response) };
}

function checkVectors(request: EmbedRequest, answer: Embeddings, { model }: EmbeddingOffer): Float32Array[] {
  if (request.model !== model.digest || answer.model !== model.digest)
    throw new ProofError('MODEL_MISMATCH', 'request, answer and offer do not name one model');
  if (answer.vectors.length !== request.texts.length)
    throw new ProofError('RESULT_COUNT', `${answer.vectors.length} vectors for ${request.texts.length} texts`);
  const vectors = answer.vectors.map(vectorFromBase64url);
  if (vectors.some(({ length }) => length !== model.dimension))
    throw new ProofError('DIMENSION_MISMATCH', `a vector does not have the model's ${model.dimension} components`);
  if (!vectors.every(isFiniteVector)) throw new ProofError('SCORE', 'a vector is not finite');
  return vectors;
}
