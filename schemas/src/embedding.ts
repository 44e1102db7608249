import { z } from 'zod';
import { answerBytesMax, embedTextsMax, recordTextBytesMax, requestBytesMax } from './limits.ts';
import { channelTerms, receipt, ticket, voucher } from './payment.ts';
import { amount, bytes32, count, did, hash, indexId, languageTags, text, timeMs } from './primitives.ts';
import { vector } from './query.ts';
import { offer, signedIdentity, signedOffer } from './statements.ts';

// Embeddings that a provider sells (docs/spec/embedding.md).

/** Numeric type in which a model computed. */
const weights = z.enum(['q8', 'fp16', 'fp32', 'unknown']);

/** Price in the ledger's unit: `base + perText * texts + perKiB * ceil(text bytes / 1024)`. */
export const embeddingPrice = z.strictObject({ base: amount, perText: amount, perKiB: amount });

const { identity, unit, network, credit, maxInFlight, maxCharge, answerKeepMs, deadlineMaxMs, issued, expiry } = offer.shape;

/** What a provider asks for vectors of its model, signed and expiring like the offer of an index. */
export const embeddingOffer = z.strictObject({
  v: z.literal(1),
  type: z.literal('tributary/embedding-offer'),
  identity,
  model: z.strictObject({
    id: text(256).min(1),
    digest: hash,
    dimension: offer.shape.card.shape.dimension,
    /** Most tokens that it reads. */
    maxTokens: count.min(1),
    languages: languageTags,
  }),
  price: embeddingPrice,
  unit,
  network,
  /** Most texts and UTF-8 bytes of one request; requests per minute, 0 for no bound. */
  limits: z.strictObject({ texts: count.min(1).max(embedTextsMax), textBytes: count.min(1), requestsPerMinute: count }),
  credit,
  maxInFlight,
  maxCharge,
  answerKeepMs,
  deadlineMaxMs,
  issued,
  expiry,
});

/** Texts to embed, as the client wrote them. These exact bytes are hashed into the receipt. */
export const embedRequest = z.strictObject({
  v: z.literal(1),
  type: z.literal('tributary/embed'),
  /** Digest of the model. */
  model: hash,
  /** Which of the model's prefixes is put before each text. */
  kind: z.enum(['document', 'query']),
  texts: z.array(text(recordTextBytesMax).min(1)).min(1).max(embedTextsMax),
});

/** The vectors, one for each text. These exact bytes are hashed into the receipt. */
export const embeddings = z.strictObject({
  v: z.literal(1),
  type: z.literal('tributary/embeddings'),
  model: hash,
  weights,
  /** Tokens that the model read, as the provider says. */
  tokens: count,
  vectors: z.array(vector).min(1).max(embedTextsMax),
});

/** Everything that a third party needs to check sold vectors offline, but for the model. */
export const embeddingBundle = z.strictObject({
  v: z.literal(1),
  type: z.literal('tributary/embedding-bundle'),
  request: z.strictObject({ nonce: bytes32, body: text(requestBytesMax) }),
  response: text(answerBytesMax),
  receipt,
  /** Null for a free answer. */
  payment: z.strictObject({ terms: channelTerms, ticket, voucher }).nullable(),
  offer: signedOffer,
  identity: signedIdentity,
});

/** A vector that was sold, and the one that the client computed itself. */
export const embeddingFault = z.strictObject({
  v: z.literal(1),
  type: z.literal('tributary/embedding-fault'),
  at: timeMs,
  provider: did,
  model: hash,
  /** Number of the text in the request, from 0. */
  text: count,
  /** The client's own vector. */
  vector,
  weights,
  cosine: z.number().min(-1).max(1),
  bundle: embeddingBundle,
});

/** What is sold and booked: answers of an index, or vectors of a model. */
export const saleName = z.union([indexId, z.string().regex(/^embedding:[0-9a-f]{64}$/)]);
/** The name under which vectors of a model are booked. */
export const embeddingSale = (digest: string): string => `embedding:${digest}`;

export type EmbeddingPrice = z.infer<typeof embeddingPrice>;
export type EmbeddingOffer = z.infer<typeof embeddingOffer>;
export type EmbedRequest = z.infer<typeof embedRequest>;
export type Embeddings = z.infer<typeof embeddings>;
export type EmbeddingBundle = z.infer<typeof embeddingBundle>;
export type EmbeddingFault = z.infer<typeof embeddingFault>;
