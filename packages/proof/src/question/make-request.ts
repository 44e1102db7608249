import {
  MODE_PARTS,
  checkShape,
  request as requestShape,
  type Filter,
  type Offer,
  type QueryMode,
  type Request,
  type SparseVector,
} from '@tributary/schemas';
import { vectorToBase64url } from '../bytes.ts';
import { sparseToBase64url } from '../record/sparse-bytes.ts';
import { rankingOf } from './ranking.ts';

/** A question of a person or program to one index. Defaults are chosen here. */
export interface Asked {
  readonly text?: string;
  readonly vector?: Float32Array;
  /** Beside `vector` or `text`, or in place of them. */
  readonly sparse?: SparseVector;
  readonly namespace?: string;
  /** Default: {@link topKUsual}, or as many as the index allows. */
  readonly topK?: number;
  readonly filter?: Filter;
  readonly mode?: QueryMode;
  readonly denseWeight?: number;
  readonly minRelevance?: number;
  readonly minSequence?: number;
}

/** What the request depends on besides the question: a signed offer, or an index that the client owns. */
export interface AskedIndex {
  readonly index: string;
  readonly card: Pick<Offer['card'], 'model' | 'modelId' | 'languages' | 'vectors'>;
  readonly limits: Pick<Offer['limits'], 'topK'>;
}

/** Results of a question that states no number. */
const topKUsual = 10;

/**
 * With a sparse vector, that one and the dense one, if the question and the index have any. Without: hybrid for a text,
 * dense for a vector, and words where the index has no dense vectors.
 */
function modeOf({ mode, text, vector, sparse }: Asked, { vectors }: Pick<Offer['card'], 'vectors'>): QueryMode {
  if (mode !== undefined) return mode;
  const isDense = vectors !== 'sparse' && (text !== undefined || vector !== undefined);
  if (sparse !== undefined) return isDense ? 'dense-sparse' : 'sparse';
  if (vectors === 'sparse' && vector === undefined) return 'bm25';
  return text === undefined || vector ? 'dense' : 'hybrid';
}

/** The text that may be embedded before asking; null if no vector is needed, or one was given. */
export function textToEmbed(asked: Asked, card: Pick<Offer['card'], 'vectors'>): string | null {
  return asked.vector || !MODE_PARTS[modeOf(asked, card)].dense ? null : (asked.text ?? null);
}

/**
 * Writes a question as the request that is hashed and paid for. This is the only place where defaults are filled in.
 * They come from the client's own rules and the offer that the index's provider signed, never from unsigned members of
 * a gateway.
 *
 * @param embedded the vector of {@link textToEmbed}, made with the model of the offer; null if the provider is to make
 *   it
 * @throws TributaryError INPUT_SHAPE
 */
export function makeRequest({ index, card, limits }: AskedIndex, asked: Asked, embedded: Float32Array | null): Request {
  const mode = modeOf(asked, card);
  const text = asked.text ?? null;
  const vector = asked.vector ?? embedded;
  const ranking = rankingOf({ mode, text, denseWeight: asked.denseWeight }, card);
  return checkShape(
    requestShape,
    {
      v: 1,
      type: 'tributary/query',
      index,
      namespace: asked.namespace ?? '',
      topK: asked.topK ?? Math.min(topKUsual, limits.topK),
      mode,
      denseWeight: ranking.denseWeight,
      text,
      vector: vector ? vectorToBase64url(vector) : null,
      model: vector ? card.model : null,
      filter: asked.filter ?? null,
      minRelevance: asked.minRelevance ?? ranking.minRelevance,
      minSequence: asked.minSequence ?? null,
      ...(asked.sparse ? { sparse: sparseToBase64url(asked.sparse) } : {}),
    },
    'query',
  );
}
