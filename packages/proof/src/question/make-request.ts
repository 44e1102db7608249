import { checkShape, request as requestShape, type Filter, type Offer, type QueryMode, type Request } from '@tributary/schemas';
import { vectorToBase64url } from '../bytes.ts';
import { rankingOf } from './ranking.ts';

/** What a person or a program asks of one index; what is left out is chosen here. */
export interface Asked {
  readonly text?: string;
  readonly vector?: Float32Array;
  readonly namespace?: string;
  /** Left out: {@link topKUsual}, or as many as the index gives. */
  readonly topK?: number;
  readonly filter?: Filter;
  readonly mode?: QueryMode;
  readonly denseWeight?: number;
  readonly minRelevance?: number;
  readonly minSequence?: number;
}

/** Results of a question that names no number. */
const topKUsual = 10;

/** Hybrid for a question in words, dense for one that is a vector. */
export function modeOf({ mode, text, vector }: Asked): QueryMode {
  return mode ?? (text === undefined || vector ? 'dense' : 'hybrid');
}

/** The text that a vector may be made of before asking; null where none is needed, or one was brought. */
export function textToEmbed(asked: Asked): string | null {
  return asked.vector || modeOf(asked) === 'bm25' ? null : (asked.text ?? null);
}

/**
 * Writes a question as the request that is hashed and paid for: the one place where what was left out is filled in, from the asker's own
 * rules and the offer that the index's provider signed, never from what a gateway says.
 *
 * @param embedded the vector of {@link textToEmbed}, made with the model of the offer; null leaves that to the provider
 * @throws TributaryError INPUT_SHAPE
 */
export function makeRequest({ index, card, limits }: Offer, asked: Asked, embedded: Float32Array | null): Request {
  const mode = modeOf(asked);
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
    },
    'query',
  );
}
