import { z } from 'zod';
import { dimensionMax, filterDepthMax, queryTermsMax, queryTextBytesMax, resultsMax, recordTextBytesMax } from './limits.ts';
import { valueNestsDeeper } from './json-text.ts';
import { base64url, count, dictionary, hash, indexId, namespace, recordId, text } from './primitives.ts';
import { metadataValue, source, type MetadataValue, type Source } from './record.ts';
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

/** The parts of a record that its bytes hold as JSON, members in this order (docs/spec/query.md). */
export const shownTexts = z.strictObject({
  id: recordId,
  namespace,
  text: text(recordTextBytesMax),
  source: source.nullable(),
  licence: text(1_024).nullable(),
  metadata: dictionary(z.string(), metadataValue),
});
export type ShownTexts = z.infer<typeof shownTexts>;

/** A disclosed field, with the salt that opens its commitment: 32 bytes as base64url. */
interface Shown<T> {
  salt: string;
  value: T;
}
/** The fields an answer discloses. */
export interface ShownFields {
  id: Shown<string>;
  namespace: Shown<string>;
  text: Shown<string>;
  /** Little-endian float32 as base64url, empty for a record without a dense vector; pairs of the sparse one. */
  vector: Shown<string> & { sparse?: string | undefined };
  source: Shown<Source | null>;
  licence: Shown<string | null>;
  metadata: Record<string, Shown<MetadataValue>>;
}

/** What an answer says about a record, apart from its place in a snapshot. */
export interface ShownRecord {
  /** Commitments of id, namespace, text, vector, source, licence, then each metadata key in code-unit order. */
  commitments: string[];
  shown: ShownFields;
  /** Hash of the write statement, hex. */
  write: string;
  writeIndex: number;
  /** Inclusion path of the entry in its write. */
  writePath: string[];
}

/** A result in the text of an answer: what is said about the question, and the record that it is about. */
const namedResult = z.strictObject({
  slot: count,
  score: z.number(),
  /** Metric value (cosine, dot product or squared distance); null in modes without dense vectors. */
  dense: z.number().nullable(),
  /** BM25 score; null in modes without words. */
  bm25: z.number().nullable(),
  /** Dot product of the sparse vectors; left out in modes that do not compare them. */
  sparse: z.number().optional(),
  relevance: z.number(),
  /** Hash of the bytes of the record. */
  record: hash,
});
type NamedResult = z.infer<typeof namedResult>;

/** A result with its record, and the inclusion path of its slot in the snapshot. */
export interface ResultItem extends NamedResult, ShownRecord {
  path: string[];
}

/** Corpus statistics of the query terms: what BM25 was computed from. Signed, not proven. */
export const statistics = z.strictObject({
  records: count,
  averageLength: z.number().min(0),
  terms: dictionary(z.string(), count).refine((value) => Object.keys(value).length <= queryTermsMax, 'too many terms'),
});
export type Statistics = z.infer<typeof statistics>;

/**
 * A provider's answer: these exact bytes are hashed into the receipt (docs/spec/query.md). The records that it names
 * travel beside it.
 */
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
  results: z.array(namedResult).max(resultsMax),
});
export type Answer = z.infer<typeof answer>;

/** An answer with the records that it names. */
export interface WholeAnswer extends Omit<Answer, 'results'> {
  results: ResultItem[];
}
