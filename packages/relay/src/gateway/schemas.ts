import {
  amount,
  bundle,
  gatewayError,
  gatewayQuery,
  gatewayRelay,
  gatewayRelayResult,
  hash,
  indexId,
  languageTags,
  metadata,
  ownIndex,
  queryMode,
  vectorKinds,
} from '@tributary/schemas';
import { z } from 'zod';

// Shapes of what the gateway sends, for OpenAPI and for tests. The output itself is not checked while serving.

const snapshot = z.strictObject({ sequence: z.number().int(), at: z.iso.datetime() });
const usage = z.strictObject({ charge: amount, unit: z.string(), receipt: hash });

const resultSource = z.strictObject({
  document: z.string(),
  uri: z.string().nullable(),
  title: z.string(),
  context: z.string(),
  page: z.number().int().optional(),
  pageEnd: z.number().int().optional(),
  start: z.number().int(),
  end: z.number().int(),
  sha256: hash,
});

export const gatewayResult = z.strictObject({
  rank: z.number().int(),
  id: z.string(),
  score: z.number(),
  components: z.strictObject({
    dense: z.number().nullable(),
    bm25: z.number().nullable(),
    sparse: z.number().optional(),
  }),
  relevance: z.number(),
  text: z.string(),
  metadata,
  namespace: z.string(),
  index: indexId,
  provider: z.string(),
  signer: z.string(),
  custody: z.enum(['self', 'provider']),
  author: z.string().nullable(),
  licence: z.string().nullable(),
  source: resultSource.nullable(),
  verified: z.boolean(),
});

/** For an own index: nothing was sold. */
const ownUsage = usage.extend({ receipt: z.null() });

/** One index's part of an answer. */
const answerPart = z.strictObject({ index: indexId, snapshot, usage, proof: bundle.optional() });

export const gatewayAnswer = z.strictObject({
  results: z.array(gatewayResult),
  index: indexId,
  mode: queryMode,
  snapshot,
  usage: z.union([usage, ownUsage]),
  notProven: z.array(z.string()),
  proof: bundle.optional(),
  /** Only when several indexes answered: each one's part. */
  answers: z.array(answerPart).optional(),
  /** Only when some of several indexes gave no verified answer: each one's reason. */
  failed: z.array(z.strictObject({ index: indexId, code: z.string(), message: z.string() })).optional(),
  /** Only from an own index: ids of other owners' indexes with the same name. */
  alsoNamed: z.array(indexId).optional(),
});

const gatewayIndex = z.strictObject({
  name: z.string(),
  id: indexId,
  title: z.string(),
  description: z.string(),
  licence: z.string(),
  provider: z.string(),
  model: z.string(),
  modelDigest: hash,
  languages: languageTags,
  dimension: z.number().int(),
  metric: z.enum(['cosine', 'dotproduct', 'euclidean']),
  vectors: vectorKinds,
  records: z.number().int(),
  price: z.strictObject({ base: amount, perResult: amount, perKiB: amount, empty: amount, unit: z.string() }),
  limits: z.strictObject({
    topK: z.number().int(),
    queriesPerMinute: z.number().int(),
    exposurePerChannel: z.number().int().nullable(),
    exposurePerEpoch: z.number().int().nullable(),
  }),
  offerExpires: z.iso.datetime(),
  identity: bundle.shape.identity,
  offer: bundle.shape.offer,
});

export const gatewayIndexes = z.strictObject({
  indexes: z.array(gatewayIndex),
  /** Only from a node: the indexes of its own store. */
  own: z.array(ownIndex).optional(),
});

export const health = z.strictObject({ status: z.literal('ok') });
export const readiness = z.strictObject({ ready: z.boolean(), providers: z.number().int(), reason: z.string().optional() });

/** Shapes with a name in the OpenAPI document. The others are written in place. */
export const NAMED = {
  Query: gatewayQuery,
  Answer: gatewayAnswer,
  Result: gatewayResult,
  Index: gatewayIndex,
  Indexes: gatewayIndexes,
  OwnIndex: ownIndex,
  Relay: gatewayRelay,
  RelayResult: gatewayRelayResult,
  Bundle: bundle,
  Error: gatewayError,
  Readiness: readiness,
  Health: health,
} as const;
