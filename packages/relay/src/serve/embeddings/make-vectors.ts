import { utf8, vectorToBase64url } from '@tributary/proof/primitives';
import type { Embeddings } from '@tributary/schemas';
import { mustBeWanted } from '../rules/terms.ts';
import { rankOf, type ServeState } from '../types.ts';
import type { AdmittedTexts } from './types.ts';

/**
 * Embeds the texts when it is this request's turn, and writes the answer.
 *
 * @throws StoreError TEXT_TOO_LONG, STORE_BUSY, EMBED_FAILED; Refused ABORTED, OVERLOADED; RelayError DEADLINE
 */
export async function makeVectors(admitted: AdmittedTexts, state: ServeState): Promise<Uint8Array> {
  const { request, model, paid, context } = admitted;
  const { embedder } = model;
  const work = () => {
    mustBeWanted(admitted, state);
    return embedder.embedCounted(request.texts, request.kind, context.signal);
  };
  const { vectors, tokens } = await state.embedQueue.run({ rank: rankOf(context, paid !== null), peer: context.peer }, work);
  mustBeWanted(admitted, state);
  const answer: Embeddings = {
    v: 1,
    type: 'tributary/embeddings',
    model: embedder.digest,
    weights: embedder.device.weights,
    tokens,
    vectors: vectors.map(vectorToBase64url),
  };
  return utf8(JSON.stringify(answer));
}
