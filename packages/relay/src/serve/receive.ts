import { fromBase64url, fromUtf8, readRequest, requestHash } from '@tributary/proof';
import { isTributaryError, type AskHead, type Request } from '@tributary/schemas';
import { Refused, type AskContext, type Received, type ServeState } from './types.ts';

/**
 * Reads the question and finds its index. The bytes are copied here: they may be a view of what the link reuses. A private index is
 * looked up, then refused like one that does not exist, so that neither words nor time tell the two apart.
 *
 * @throws Refused QUERY_INVALID, INDEX_NOT_FOUND
 */
export function receive(head: AskHead, body: Uint8Array, context: AskContext, { dependencies }: ServeState): Received {
  const request = read(body);
  const hash = requestHash(fromBase64url(head.nonce), body);
  const served = dependencies.indexes.find(request.index);
  const hidden = served === null || (served.index.info().visibility === 'private' && !context.isOwner);
  if (hidden) throw new Refused('INDEX_NOT_FOUND', `no index ${request.index} here`);
  return { head, text: fromUtf8(body), request, requestHash: hash, served, context };
}

function read(body: Uint8Array): Request {
  try {
    return readRequest(body);
  } catch (error) {
    if (isTributaryError(error)) throw new Refused('QUERY_INVALID', error.message);
    throw error;
  }
}
