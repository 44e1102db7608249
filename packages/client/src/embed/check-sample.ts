import { compareVectors, ProofError } from '@tributary/proof';
import { vectorToBase64url } from '@tributary/proof/primitives';
import type { EmbeddingFault } from '@tributary/schemas';
import type { EmbedContext, OwnVector, VerifiedTexts } from './types.ts';

/**
 * Computes one vector of an answer again, drawn after the answer has come: of a share of all answers, and of the first
 * one of each provider. A provider whose vector differs is reported and asked no more (docs/spec/embedding.md).
 *
 * @returns the cosine of the two vectors; null when this answer is not drawn, or the client lacks the model
 * @throws ProofError EMBEDDING_MISMATCH; then the vectors must not be handed out
 */
export async function checkSample(verified: VerifiedTexts, context: EmbedContext): Promise<number | null> {
  const { checks, met, randomBytes } = context;
  const { request, vectors, identity } = verified.answer;
  if (checks.recompute === null) return null;
  const first = !met.has(identity.did);
  if (!first && fraction(randomBytes) >= checks.sampleRate) return null;
  const at = Math.floor(fraction(randomBytes) * request.texts.length);
  const own = await checks.recompute(request.texts[at]!, request.kind, request.model);
  if (own === null) return null;
  const { cosine, same } = compareVectors(vectors[at]!, own.vector);
  checks.checked?.({ provider: identity.did, model: request.model, cosine, same });
  if (!same) {
    await checks.faults.add(faultOf(verified, at, own, cosine, context.now()));
    throw new ProofError(
      'EMBEDDING_MISMATCH',
      `${identity.did} sold a vector that ${verified.answer.offer.model.id} does not give (cosine ${cosine.toFixed(3)}); it is not asked again`,
    );
  }
  met.add(identity.did);
  return cosine;
}

/** Uniform in 0 to 1, without 1. */
function fraction(randomBytes: EmbedContext['randomBytes']): number {
  const bytes = randomBytes(4);
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0) / 2 ** 32;
}

function faultOf({ answer, bundle }: VerifiedTexts, text: number, own: OwnVector, cosine: number, at: number): EmbeddingFault {
  return {
    v: 1,
    type: 'tributary/embedding-fault',
    at,
    provider: answer.identity.did,
    model: answer.request.model,
    text,
    vector: vectorToBase64url(own.vector),
    weights: own.weights,
    cosine,
    bundle: bundle(),
  };
}
