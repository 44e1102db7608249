import { fromBase64url, fromUtf8 } from '@tributary/proof/primitives';
import { readEmbedRequest, requestHash } from '@tributary/proof/statements';
import { embeddingSale, isTributaryError, type AskHead, type EmbedRequest } from '@tributary/schemas';
import { Refused, type AskContext } from '../types.ts';
import type { AskedTexts } from './types.ts';

/**
 * Parses the request. The bytes are copied here, because the link may reuse its buffer.
 *
 * @throws Refused QUERY_INVALID
 */
export function receiveTexts(head: AskHead, body: Uint8Array, context: AskContext): AskedTexts {
  const request = read(body);
  const hash = requestHash(fromBase64url(head.nonce), body);
  return { head, text: fromUtf8(body), request, requestHash: hash, context, sale: embeddingSale(request.model) };
}

function read(body: Uint8Array): EmbedRequest {
  try {
    return readEmbedRequest(body);
  } catch (error) {
    if (isTributaryError(error)) throw new Refused('QUERY_INVALID', error.message);
    throw error;
  }
}
