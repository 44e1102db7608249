import { embeddingPriceOf, textBytesOf } from '@tributary/proof/payment';
import { fromBase64url, toBase64url } from '@tributary/proof/primitives';
import { requestHash, writeEmbedRequest } from '@tributary/proof/statements';
import { embeddingSale, type EmbedRequest } from '@tributary/schemas';
import type { KnownEmbeddingOffer } from '../discovery/types.ts';
import { embedTimeoutMs } from './limits.ts';
import type { EmbedContext, PreparedTexts } from './types.ts';

/**
 * Writes the exact bytes of a request. Its price is known at once.
 *
 * @throws TributaryError INPUT_SHAPE
 */
export function prepareTexts(
  known: KnownEmbeddingOffer,
  texts: string[],
  kind: EmbedRequest['kind'],
  { now, owner, randomBytes }: Pick<EmbedContext, 'now' | 'owner' | 'randomBytes'>,
): PreparedTexts {
  const { digest } = known.offer.model;
  const request: EmbedRequest = { v: 1, type: 'tributary/embed', model: digest, kind, texts };
  const bodyText = writeEmbedRequest(request);
  const body = new TextEncoder().encode(bodyText);
  const nonce = toBase64url(randomBytes(32));
  const free = known.identity.did === owner;
  return {
    known,
    sale: embeddingSale(digest),
    request,
    nonce,
    body,
    bodyText,
    requestHash: requestHash(fromBase64url(nonce), body),
    quote: free ? 0n : embeddingPriceOf(known.offer.price, texts.length, textBytesOf(texts)),
    deadline: now() + Math.min(embedTimeoutMs, known.offer.deadlineMaxMs),
  };
}
