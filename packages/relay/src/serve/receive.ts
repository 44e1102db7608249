import { fromBase64url, fromUtf8 } from '@tributary/proof/primitives';
import { readRequest, requestHash } from '@tributary/proof/statements';
import { isTributaryError, type AskHead, type Request } from '@tributary/schemas';
import { Refused, type AskContext, type Received } from './types.ts';

/**
 * Parses the question. The bytes are copied here, because the link may reuse its buffer.
 *
 * @throws Refused QUERY_INVALID
 */
export function receive(head: AskHead, body: Uint8Array, context: AskContext): Received {
  const request = read(body);
  const hash = requestHash(fromBase64url(head.nonce), body);
  return { head, text: fromUtf8(body), request, requestHash: hash, context, sale: request.index };
}

function read(body: Uint8Array): Request {
  try {
    return readRequest(body);
  } catch (error) {
    if (isTributaryError(error)) throw new Refused('QUERY_INVALID', error.message);
    throw error;
  }
}
