import { MODE_PARTS, searchText } from '@tributary/schemas';
import { vectorFromBase64url } from '../bytes.ts';
import { denseScore } from '../score/dense.ts';
import { EMBEDDING_COSINE_MIN } from './embeddings/compare-vectors.ts';
import type { NotProven } from './not-proven.ts';
import type { VerifiedAnswer } from './types.ts';

/** The client's own copy of a model. */
export interface Embedder {
  /** Digest of its model card, hex. */
  readonly model: string;
  /** One vector for each text. */
  embed(texts: readonly string[], kind: 'query' | 'passage'): Promise<readonly Float32Array[]>;
}

/** Advisory only, because quantised models give slightly different vectors on different processors. */
export interface EmbeddingAdvice {
  /** Lowest cosine between a shown vector and a recomputed one; null if there was nothing to compare. */
  readonly passages: number | null;
  readonly query: number | null;
  /** What is still not proven after this check. */
  readonly notProven: readonly NotProven[];
}

/** Re-embeds the texts of a verified answer, and the query when the provider made its vector, and compares. */
export async function checkEmbeddings(verified: VerifiedAnswer, embedder: Embedder): Promise<EmbeddingAdvice> {
  const { answer, request, snapshot } = verified;
  // Nothing here makes sparse vectors, so whether they are those of the texts stays open.
  const { dense, sparse } = MODE_PARTS[request.mode];
  if (embedder.model !== snapshot.manifest.model || (sparse && !dense))
    return { passages: null, query: null, notProven: verified.notProven };
  const texts = answer.results.map(({ shown }) => searchText({ text: shown.text.value, source: shown.source.value }));
  const shownVectors = answer.results.map(({ shown }) => vectorFromBase64url(shown.vector.value));
  const passages = texts.length === 0 ? null : lowest(shownVectors, await embedder.embed(texts, 'passage'));
  const made = answer.queryVector === null || request.text === null ? null : request.text;
  const query = made === null ? null : lowest([vectorFromBase64url(answer.queryVector!)], await embedder.embed([made], 'query'));
  const settled = (name: NotProven) =>
    (name === 'embedding' && !sparse && passages !== null && passages >= EMBEDDING_COSINE_MIN) ||
    (name === 'queryEmbedding' && query !== null && query >= EMBEDDING_COSINE_MIN);
  return { passages, query, notProven: verified.notProven.filter((name) => !settled(name)) };
}

function lowest(shown: readonly Float32Array[], made: readonly Float32Array[]): number {
  if (shown.length !== made.length) throw new RangeError(`the embedder gave ${made.length} vectors for ${shown.length} texts`);
  return Math.min(
    ...shown.map((vector, at) => (vector.length === made[at]!.length ? denseScore('cosine', vector, made[at]!) : -1)),
  );
}
