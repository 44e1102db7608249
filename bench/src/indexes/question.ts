import { vectorToBase64url } from '@tributary/proof/primitives';
import type { Filter, Request } from '@tributary/schemas';

interface Asked {
  readonly topK: number;
  readonly model?: string | null;
  readonly filter?: Filter | null;
}

/** A question for the records that are nearest to a vector. */
export function denseQuestion(index: string, vector: Float32Array, { topK, model = null, filter = null }: Asked): Request {
  return {
    v: 1,
    type: 'tributary/query',
    index,
    namespace: '',
    topK,
    mode: 'dense',
    denseWeight: null,
    text: null,
    vector: vectorToBase64url(vector),
    model,
    filter,
    minRelevance: 0,
    minSequence: null,
  };
}
