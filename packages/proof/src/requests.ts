import {
  answer as answerShape,
  answerBytesMax,
  checkShape,
  parseOrdered,
  request as requestShape,
  requestBytesMax,
  type Answer,
  type Request,
} from '@tributary/schemas';
import { sha256Parts } from '#crypto';
import { toHex, utf8 } from './bytes.ts';
import { TAG_REQUEST, TAG_RESPONSE } from './domains.ts';
import { refuseAs } from './errors.ts';

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
  return refuseAs('REQUEST_MISMATCH', () => parseOrdered(requestShape, body, 'request', requestBytesMax));
}

/**
 * Reads the exact text of an answer.
 *
 * @throws ProofError RESPONSE_SHAPE when it is not an answer in its only valid spelling
 */
export function readAnswer(body: string | Uint8Array): Answer {
  return refuseAs('RESPONSE_SHAPE', () => parseOrdered(answerShape, body, 'answer', answerBytesMax));
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
