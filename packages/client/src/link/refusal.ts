import { ERROR_CODES, TributaryError, isTributaryError, type ErrorCode, type RefusalHead } from '@tributary/schemas';
import { refusalMessageBytesMax } from './limits.ts';
import type { Refusal } from './types.ts';

/**
 * A call that the peer refused. `code` is the peer's code if it is known here, otherwise INTERNAL. `peerCode` is what
 * the peer sent.
 */
export class RefusalError extends TributaryError {
  override readonly name = 'RefusalError';
  readonly peerCode: string;

  constructor(refusal: Refusal) {
    super(refusal.code, refusal.message, { retryAfterMs: refusal.retryAfterMs });
    this.peerCode = refusal.peerCode;
  }
}

/** A parsed refusal head, its code mapped to one of ours. */
export function readRefusal(head: RefusalHead): Refusal {
  const known = Object.hasOwn(ERROR_CODES, head.code);
  return {
    code: known ? (head.code as ErrorCode) : 'INTERNAL',
    peerCode: head.code,
    message: head.message,
    retryAfterMs: head.retryAfterMs,
  };
}

export function refusalHeadOf(code: ErrorCode, message: string, retryAfterMs: number | null = null): RefusalHead {
  return fittedRefusal({ code, message, retryAfterMs });
}

/**
 * The same refusal, its message shortened to fit in a head and without lone surrogates, which canonical JSON must not
 * contain.
 */
export function fittedRefusal(head: RefusalHead): RefusalHead {
  return { code: head.code, message: clipped(head.message), retryAfterMs: head.retryAfterMs };
}

/** What the peer is told of an exception: code and message if it has a code, otherwise only INTERNAL. */
export function refusalOf(error: unknown): RefusalHead {
  if (!isTributaryError(error)) return refusalHeadOf('INTERNAL', 'internal error');
  return refusalHeadOf(error.code, error.message, error.retryAfterMs);
}

function clipped(message: string): string {
  const text = message.toWellFormed();
  if (Buffer.byteLength(text) <= refusalMessageBytesMax) return text;
  // A cut inside a character leaves a replacement character of three bytes, so room is kept for it.
  return Buffer.from(text)
    .subarray(0, refusalMessageBytesMax - 3)
    .toString();
}
