import { z } from 'zod';
import { bundle } from './bundle.ts';
import { address, amount, base64url, bytes32, count, did, hash, indexId, languageTags, namespace, text } from './primitives.ts';
import { numbers } from './numbers.ts';
import { filter, queryMode } from './query.ts';
import { metadata } from './record.ts';
import { sparseInput } from './sparse.ts';
import { METHODS } from './wire.ts';
import { dimensionMax, queryTextBytesMax, requestBytesMax, resultsMax } from './limits.ts';

/** Body of `POST /v1/query`. One of `query`, `vector` and `sparse` is required. */
export const gatewayQuery = z
  .strictObject({
    query: text(queryTextBytesMax).min(1).optional(),
    vector: z.union([numbers(1, dimensionMax), base64url]).optional(),
    sparse: sparseInput.optional(),
    /** Index name or id; optional when the gateway knows only one index. */
    index: z.string().max(128).optional(),
    namespace: namespace.optional(),
    topK: z.number().int().min(1).max(resultsMax).optional(),
    filter: filter.optional(),
    mode: queryMode.optional(),
    /** Weight of the dense part in a hybrid score. */
    denseWeight: z.number().min(0).max(1).optional(),
    minRelevance: z.number().min(0).max(1).optional(),
    includeProof: z.boolean().optional(),
    /** Most that this query may cost, in the ledger's unit. */
    maxCharge: z.string().optional(),
  })
  .refine(
    ({ query, vector, sparse }) => query !== undefined || vector !== undefined || sparse !== undefined,
    "needs 'query', 'vector' or 'sparse'",
  );
export type GatewayQuery = z.infer<typeof gatewayQuery>;

/**
 * Body of `POST /v1/relay`: a question whose bytes and nonce the caller made, so that it notices if the gateway alters
 * it.
 */
export const gatewayRelay = z.strictObject({ nonce: bytes32, body: text(requestBytesMax), maxCharge: z.string().optional() });
export type GatewayRelay = z.infer<typeof gatewayRelay>;
export const gatewayRelayResult = z.strictObject({ bundle });

/** An answer that was paid and that nobody got, as `GET /v1/recovered` lists it. */
export const recoveredFacts = z.strictObject({
  receipt: hash,
  /** Id of the index, or the name of the model's sale. */
  sale: z.string(),
  charge: amount,
  unit: z.string(),
  at: z.iso.datetime(),
  key: z.string().nullable(),
});
export const gatewayRecovered = z.strictObject({ answers: z.array(recoveredFacts) });

const answerSnapshot = z.strictObject({ sequence: z.number().int(), at: z.iso.datetime() });
const answerUsage = z.strictObject({ charge: amount, unit: z.string(), receipt: hash });

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
const ownUsage = answerUsage.extend({ receipt: z.null() });

/** One index's part of an answer. */
const answerPart = z.strictObject({ index: indexId, snapshot: answerSnapshot, usage: answerUsage, proof: bundle.optional() });

/** Answer of `POST /v1/query`. */
export const gatewayAnswer = z.strictObject({
  results: z.array(gatewayResult),
  index: indexId,
  mode: queryMode,
  snapshot: answerSnapshot,
  usage: z.union([answerUsage, ownUsage]),
  notProven: z.array(z.string()),
  proof: bundle.optional(),
  /** Only when several indexes answered: each one's part. */
  answers: z.array(answerPart).optional(),
  /** Only when some of several indexes gave no verified answer: each one's reason. */
  failed: z.array(z.strictObject({ index: indexId, code: z.string(), message: z.string() })).optional(),
  /** Only from an own index: ids of other owners' indexes with the same name. */
  alsoNamed: z.array(indexId).optional(),
});

/** One result of `POST /v1/query`. */
export interface GatewayResult {
  rank: number;
  id: string;
  score: number;
  /** A part is null, or left out, where the mode does not use it. */
  components: { dense: number | null; bm25: number | null; sparse?: number };
  relevance: number;
  text: string;
  metadata: Record<string, unknown>;
  namespace: string;
  index: string;
  provider: string;
  signer: string;
  custody: 'self' | 'provider';
  author: string | null;
  licence: string | null;
  source: {
    document: string;
    uri: string | null;
    title: string;
    context: string;
    page?: number;
    pageEnd?: number;
    start: number;
    end: number;
    sha256: string;
  } | null;
  verified: boolean;
}

export interface GatewayAnswer {
  results: GatewayResult[];
  index: string;
  mode: string;
  snapshot: { sequence: number; at: string };
  /** No receipt for an own index: nothing was sold. */
  usage: { charge: string; unit: string; receipt: string | null };
  notProven: string[];
  proof?: z.infer<typeof bundle>;
}

/**
 * One index that a gateway knows. The provider signed `identity` and `offer`. Everything else repeats them for readers
 * that do not verify. A reader ignores members that it does not know.
 */
const gatewayIndex = z.object({
  name: z.string(),
  id: indexId,
  title: z.string(),
  description: z.string(),
  licence: z.string(),
  provider: did,
  model: z.string(),
  /** Digest of the model card; vectors of another model are refused. */
  modelDigest: hash,
  /** Languages of the model; empty when it does not state any. */
  languages: languageTags,
  dimension: count,
  metric: z.string(),
  vectors: z.string().optional(),
  records: count,
  questions: z.array(z.string()).optional(),
  price: z.object({ base: amount, perResult: amount, perKiB: amount, empty: amount, unit: z.string() }),
  limits: z.object({
    topK: count.min(1),
    queriesPerMinute: count,
    exposurePerChannel: count.nullable(),
    exposurePerEpoch: count.nullable(),
  }),
  offerExpires: z.string(),
  identity: bundle.shape.identity,
  offer: bundle.shape.offer,
});
export type GatewayIndex = z.infer<typeof gatewayIndex>;
/** Answer of `GET /v1/indexes`. */
export const gatewayIndexes = z.object({ indexes: z.array(gatewayIndex) });

/** Answer of `GET /v1/credit`: what the caller's account can still spend with each provider. */
export const gatewayCredit = z.strictObject({
  /** Address of the wallet, whom owners grant credit to. */
  payer: address,
  /** What the budget of the caller's key leaves; null: no bound. */
  budget: amount.nullable(),
  /** In the unit of each provider's ledger; null: it did not say. */
  providers: z.array(z.strictObject({ provider: did, credit: amount.nullable() })),
});
export type GatewayCredit = z.infer<typeof gatewayCredit>;

/** Parameters of `GET /v1/consistency`: two sizes of an index's log, as text in a URL. */
export const gatewayConsistencyQuery = z.strictObject({
  index: indexId,
  first: z.string().regex(/^[1-9]\d{0,15}$/),
  second: z.string().regex(/^[1-9]\d{0,15}$/),
});
/** Its answer: the path between the two, from the provider. */
export const gatewayConsistency = METHODS.consistency.result;

/** The one error shape of the gateway. */
export const gatewayError = z.strictObject({
  error: z.strictObject({
    code: z.string(),
    message: z.string(),
    requestId: z.string(),
    retry: z.boolean(),
    retryAfterMs: z.number().optional(),
  }),
});
export type GatewayError = z.infer<typeof gatewayError>;
