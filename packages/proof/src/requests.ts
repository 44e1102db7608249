import {
  answer as answerShape,
  answerBytesMax,
  checkShape,
  embeddings as embeddingsShape,
  embedRequest as embedRequestShape,
  parseOrdered,
  request as requestShape,
  requestBytesMax,
  type Answer,
  type Embeddings,
  type EmbedRequest,
  type Request,
} from '@tributary/schemas';
import { sha256Parts } from '#crypto';
import { equalBytes, toHex, utf8 } from './bytes.ts';
import { TAG_REQUEST, TAG_RESPONSE } from './domains.ts';
import { refuseAs } from './errors.ts';
import { sparseFromBase64url } from './record/sparse-bytes.ts';

/**
 * The exact text of a request, members in the order of docs/spec/query.md.
 *
 * @throws TributaryError INPUT_SHAPE
 */
export function writeRequest(request: Request): string {
  return JSON.stringify(checkShape(requestShape, request, 'request'));
}

/**
 * Reads the exact text of a request, as a provider or a verifier.
 *
 * @throws ProofError REQUEST_MISMATCH when it is not a request in its only valid spelling
 */
export function readRequest(body: string | Uint8Array): Request {
  return refuseAs('REQUEST_MISMATCH', () => {
    const request = parseOrdered(requestShape, body, 'request', requestBytesMax);
    if (request.sparse !== undefined) sparseFromBase64url(request.sparse);
    return request;
  });
}

/**
 * Reads the exact text of an answer.
 *
 * @throws ProofError RESPONSE_SHAPE when it is not an answer in its only valid spelling
 */
export function readAnswer(body: string | Uint8Array): Answer {
  return refuseAs('RESPONSE_SHAPE', () => parseOrdered(answerShape, body, 'answer', answerBytesMax));
}

const EMBED_START = utf8('{"v":1,"type":"tributary/embed",');

/** Whether a body says that it is a request for embeddings. Its spelling is fixed, so its first bytes tell. */
export function isEmbedRequest(body: string | Uint8Array): boolean {
  const start = typeof body === 'string' ? utf8(body.slice(0, EMBED_START.length)) : body.subarray(0, EMBED_START.length);
  return equalBytes(start, EMBED_START);
}

/**
 * The exact text of a request for embeddings, members in the order of docs/spec/embedding.md.
 *
 * @throws TributaryError INPUT_SHAPE
 */
export function writeEmbedRequest(request: EmbedRequest): string {
  return JSON.stringify(checkShape(embedRequestShape, request, 'request for embeddings'));
}

/** @throws ProofError REQUEST_MISMATCH when it is not one in its only valid spelling */
export function readEmbedRequest(body: string | Uint8Array): EmbedRequest {
  return refuseAs('REQUEST_MISMATCH', () => parseOrdered(embedRequestShape, body, 'request for embeddings', requestBytesMax));
}

/** @throws ProofError RESPONSE_SHAPE when it is not an answer with vectors in its only valid spelling */
export function readEmbeddings(body: string | Uint8Array): Embeddings {
  return refuseAs('RESPONSE_SHAPE', () => parseOrdered(embeddingsShape, body, 'answer with vectors', answerBytesMax));
}

/**
 * Hash of a request, hex. `nonce` is the client's 32 random bytes. Without the nonce, the hash reveals nothing about
 * the question.
 */
export function requestHash(nonce: Uint8Array, body: string | Uint8Array): string {
  if (nonce.length !== 32) throw new RangeError(`a nonce has 32 bytes, not ${nonce.length}`);
  return toHex(sha256Parts(TAG_REQUEST, nonce, bytesOf(body)));
}

/** Hash of an answer's exact bytes, hex. */
export function responseHash(body: string | Uint8Array): string {
  return toHex(sha256Parts(TAG_RESPONSE, bytesOf(body)));
}

function bytesOf(body: string | Uint8Array): Uint8Array {
  return typeof body === 'string' ? utf8(body) : body;
}
