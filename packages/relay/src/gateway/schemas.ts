import {
  amount,
  bundle,
  gatewayAnswer,
  gatewayError,
  gatewayQuery,
  gatewayRelay,
  gatewayRelayResult,
  gatewayResult,
  hash,
  indexId,
  languageTags,
  ownIndex,
  vectorKinds,
} from '@tributary/schemas';
import { z } from 'zod';

// Shapes of what the gateway sends, for OpenAPI and for tests. The output itself is not checked while serving.

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
  /** Questions that the index answers, as its owner states them. */
  questions: z.array(z.string()).optional(),
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
export const readiness = z.strictObject({
  ready: z.boolean(),
  providers: z.number().int(),
  readOnly: z.boolean(),
  reason: z.string().optional(),
});

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
