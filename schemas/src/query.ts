import { z } from 'zod';
import {
  dimensionMax,
  filterDepthMax,
  merklePathHashesMax,
  queryTermsMax,
  queryTextBytesMax,
  resultsMax,
  recordTextBytesMax,
} from './limits.ts';
import { valueNestsDeeper } from './json-text.ts';
import { base64url, bytes32, count, dictionary, hash, indexId, namespace, recordId, text } from './primitives.ts';
import { metadataValue, source } from './record.ts';
import { sparseText } from './sparse.ts';

export const queryMode = z.enum(['hybrid', 'dense', 'bm25', 'sparse', 'dense-sparse']);
export type QueryMode = z.infer<typeof queryMode>;

/** Which vectors a mode compares, and whether it compares words. */
export const MODE_PARTS: Readonly<Record<QueryMode, { dense: boolean; bm25: boolean; sparse: boolean }>> = {
  hybrid: { dense: true, bm25: true, sparse: false },
  dense: { dense: true, bm25: false, sparse: false },
  bm25: { dense: false, bm25: true, sparse: false },
  sparse: { dense: false, bm25: false, sparse: true },
  'dense-sparse': { dense: true, bm25: false, sparse: true },
};

/** Little-endian float32 components. */
export const vector = base64url.min(6).max(Math.ceil((dimensionMax * 16) / 3) + 2);

/**
 * Each level of a filter is an object, and a list around the levels below. The last level may hold an operator with a
 * list.
 */
const filterJsonDepthMax = 2 * filterDepthMax + 1;

/** Pinecone's filter language; checked in full by the filter compiler of `@tributary/proof`. */
export const filter = dictionary(z.string(), z.unknown()).refine(
  (value) => !valueNestsDeeper(value, filterJsonDepthMax),
  `nests deeper than ${filterDepthMax} levels`,
);
export type Filter = z.infer<typeof filter>;

/** A question as the client wrote it. These exact bytes are hashed into the receipt (docs/spec/query.md). */
export const request = z
  .strictObject({
    v: z.literal(1),
    type: z.literal('tributary/query'),
    index: indexId,
    namespace,
    topK: z.number().int().min(1).max(resultsMax),
    mode: queryMode,
    /** Weight of the dense part in a hybrid score, 0 to 1, as the client chooses it; null in the other modes. */
    denseWeight: z.number().min(0).max(1).nullable(),
    text: text(queryTextBytesMax).min(1).nullable(),
    /** Little-endian float32 as base64url; null when the provider must embed `text`. */
    vector: vector.nullable(),
    /** Digest of the model that made `vector`. */
    model: hash.nullable(),
    filter: filter.nullable(),
    /** Results below this relevance are not returned; 0 to 1. */
    minRelevance: z.number().min(0).max(1),
    /** Answer only from a snapshot that includes this write sequence. */
    minSequence: count.nullable(),
    /** The sparse vector of the question; set if and only if the mode compares sparse vectors. */
    sparse: sparseText.optional(),
  })
  .refine(({ mode, sparse }) => MODE_PARTS[mode].sparse === (sparse !== undefined), {
    message: 'sparse and dense-sparse need a sparse vector, other modes have none',
  })
  .refine(({ mode, text: asked, vector: sent }) => mode === 'sparse' || asked !== null || sent !== null, 'needs text or vector')
  .refine(({ mode, text: asked }) => !MODE_PARTS[mode].bm25 || asked !== null, 'hybrid and bm25 need text')
  .refine(({ mode, vector: sent, model }) => mode !== 'sparse' || (sent === null && model === null), 'sparse has no dense vector')
  .refine(
    (value) => (value.mode === 'hybrid') === (value.denseWeight !== null),
    'hybrid needs denseWeight, other modes have none',
  );
export type Request = z.infer<typeof request>;

const shown = <T extends z.ZodType>(value: T) => z.strictObject({ salt: bytes32, value });
/** The fields an answer discloses, each with the salt that opens its commitment. */
export const shownFields = z.strictObject({
  id: shown(recordId),
  namespace: shown(namespace),
  text: shown(text(recordTextBytesMax)),
  vector: z
    .strictObject({ salt: bytes32, value: z.union([z.literal(''), vector]), sparse: sparseText.optional() })
    .refine(({ value, sparse }) => value !== '' || sparse !== undefined, 'must show a vector'),
  source: shown(source.nullable()),
  licence: shown(text(1_024).nullable()),
  metadata: dictionary(z.string(), shown(metadataValue)),
});
export type ShownFields = z.infer<typeof shownFields>;

const path = z.array(bytes32).max(merklePathHashesMax);
/** What a result says about the question: the beginning of its text. */
const measured = {
  slot: count,
  score: z.number(),
  /** Metric value (cosine, dot product or squared distance); null in modes without dense vectors. */
  dense: z.number().nullable(),
  /** BM25 score; null in modes without words. */
  bm25: z.number().nullable(),
  /** Dot product of the sparse vectors; left out in modes that do not compare them. */
  sparse: z.number().optional(),
  relevance: z.number(),
};
/** What a result says about its record: the rest of its text. */
const proven = {
  /** Commitments of id, namespace, text, vector, source, licence, then each metadata key in code-unit order. */
  commitments: z.array(bytes32).min(6).max(262),
  shown: shownFields,
  path,
  write: hash,
  writeIndex: count,
  writePath: path,
};
export const measuredResults = z.array(z.strictObject(measured)).max(resultsMax);
export const resultItem = z.strictObject({ ...measured, ...proven });
export type ResultItem = z.infer<typeof resultItem>;

/** Corpus statistics of the query terms: what BM25 was computed from. Signed, not proven. */
export const statistics = z.strictObject({
  records: count,
  averageLength: z.number().min(0),
  terms: dictionary(z.string(), count).refine((value) => Object.keys(value).length <= queryTermsMax, 'too many terms'),
});
export type Statistics = z.infer<typeof statistics>;

/** A provider's answer: these exact bytes are hashed into the receipt (docs/spec/query.md). */
export const answer = z.strictObject({
  v: z.literal(1),
  type: z.literal('tributary/answer'),
  status: z.enum(['ok', 'empty', 'gone']),
  index: indexId,
  snapshot: count,
  manifest: hash,
  mode: queryMode,
  /** Query vector made by the provider from the text; null if the client sent one or the mode needs none. */
  queryVector: vector.nullable(),
  statistics: statistics.nullable(),
  results: z.array(resultItem).max(resultsMax),
});
export type Answer = z.infer<typeof answer>;
