import { z } from 'zod';
import {
  address,
  amount,
  count,
  did,
  ed25519Signature,
  hash,
  indexId,
  languageTags,
  secp256k1Signature,
  text,
  timeMs,
} from './primitives.ts';
import { signedVectorKinds, type VectorKinds } from './sparse.ts';
import { cardQuestionBytesMax, cardQuestionsMax, delegationsMax, namespaceBytesMax, statementBytesMax } from './limits.ts';

export const metric = z.enum(['cosine', 'dotproduct', 'euclidean']);
export type Metric = z.infer<typeof metric>;

/** Sparse vectors have no dimension and are compared by the dot product. */
export const vectorsFit = (of: { dimension: number; metric: Metric; vectors?: VectorKinds | undefined }): boolean =>
  (of.dimension === 0) === (of.vectors === 'sparse') &&
  (of.vectors === undefined || of.vectors === 'dense' || of.metric === 'dotproduct');
/** What is wrong where {@link vectorsFit} is false. */
export const vectorsMisfit = 'must have a dimension unless it has sparse vectors only, and dotproduct if it has any';

/** One batch of upserts and deletes (docs/spec/write.md). */
export const writeStatement = z.strictObject({
  v: z.literal(1),
  type: z.literal('tributary/write'),
  index: indexId,
  sequence: count.min(1),
  previous: hash,
  root: hash,
  size: count.min(1),
  signer: did,
  custody: z.enum(['self', 'provider']),
  author: text(512).nullable(),
});

/** Who may sign writes of an index besides its owner, and which ones (docs/spec/writers.md). */
export const writersStatement = z.strictObject({
  v: z.literal(1),
  type: z.literal('tributary/writers'),
  index: indexId,
  writers: z
    .array(
      z.strictObject({
        writer: did,
        /** Prefix of the namespaces in which the writer may write. */
        namespace: text(namespaceBytesMax),
        /** Sequence of the first write that it may sign. */
        from: count.min(1),
        /** Sequence of the first write that it may no longer sign; null: none. */
        until: count.min(1).nullable(),
      }),
    )
    .max(delegationsMax),
});

/** State of an index after a group of writes; the leaf of its log (docs/spec/snapshot.md). */
export const manifest = z
  .strictObject({
    v: z.literal(1),
    type: z.literal('tributary/manifest'),
    index: indexId,
    sequence: count,
    previous: hash,
    tree: z.strictObject({ size: count, root: hash }),
    live: count,
    write: z.strictObject({ sequence: count, hash }),
    model: hash,
    /** 0 in an index of sparse vectors only. */
    dimension: count,
    metric,
    vectors: signedVectorKinds,
    time: timeMs,
    provider: did,
    /** Hash of the list of writers; absent if there never was one. */
    writers: hash.optional(),
  })
  .refine(vectorsFit, vectorsMisfit);

/** Ties the keys of a provider together (docs/spec/identity.md). */
export const providerIdentity = z.strictObject({
  v: z.literal(1),
  type: z.literal('tributary/identity'),
  did,
  peerId: text(128),
  receiptSigner: address,
  payee: address,
  sequence: count,
  issued: timeMs,
  expiry: timeMs,
});

/**
 * Price of a query in the ledger's unit: `base + perResult * results + perKiB * ceil(text bytes / 1024)`; `empty`
 * without results.
 */
export const price = z.strictObject({ base: amount, perResult: amount, perKiB: amount, empty: amount });

/** Questions that an index answers, as its owner states them. */
export const cardQuestions = z.array(text(cardQuestionBytesMax).min(1)).max(cardQuestionsMax);

/** What a provider sells and on what terms, signed and expiring (docs/spec/offer.md). */
export const offer = z.strictObject({
  v: z.literal(1),
  type: z.literal('tributary/offer'),
  identity: hash,
  index: indexId,
  visibility: z.enum(['private', 'listed']),
  card: z
    .strictObject({
      title: text(256),
      description: text(2_048),
      licence: text(1_024),
      records: count,
      model: hash,
      modelId: text(256),
      /** Languages that the model was trained for; empty when it does not state any. */
      languages: languageTags,
      dimension: count,
      metric,
      vectors: signedVectorKinds,
      /** Left out when there are none. */
      questions: cardQuestions.min(1).optional(),
    })
    .refine(vectorsFit, vectorsMisfit),
  price,
  unit: text(32),
  network: z.strictObject({ id: text(128), chainId: count, verifyingContract: address }),
  limits: z.strictObject({
    topK: count.min(1),
    queriesPerMinute: count,
    exposurePerChannel: count.nullable(),
    exposurePerEpoch: count.nullable(),
    epochMs: count,
  }),
  /** K: the most that the provider risks on a channel. */
  credit: amount,
  maxInFlight: count.min(1),
  maxCharge: amount,
  answerKeepMs: count,
  deadlineMaxMs: count,
  hiding: z.literal('none'),
  issued: timeMs,
  expiry: timeMs,
});

const body = text(statementBytesMax).min(2);
/** A statement signed with Ed25519: its exact JSON text and the signature over tag and text. */
export const signedStatement = z.strictObject({ body, signature: ed25519Signature });
/** An identity: signed by its owner, countersigned by the payee that it names (EIP-712 `ProviderIdentity`). */
export const signedIdentity = z.strictObject({ body, signature: ed25519Signature, payeeSignature: secp256k1Signature });
/** An offer signed with the receipt signer's secp256k1 key (EIP-712 `Offer`). */
export const signedOffer = z.strictObject({ body, signature: secp256k1Signature });

export type WriteStatement = z.infer<typeof writeStatement>;
export type WritersStatement = z.infer<typeof writersStatement>;
export type Delegation = WritersStatement['writers'][number];
export type Manifest = z.infer<typeof manifest>;
export type ProviderIdentity = z.infer<typeof providerIdentity>;
export type Price = z.infer<typeof price>;
export type Offer = z.infer<typeof offer>;
export type SignedStatement = z.infer<typeof signedStatement>;
export type SignedIdentity = z.infer<typeof signedIdentity>;
export type SignedOffer = z.infer<typeof signedOffer>;
