import { ERROR_CODES, TributaryError, isTributaryError, type ErrorCode, type RefusalHead } from '@tributary/schemas';
import { refusalMessageBytesMax } from './limits.ts';
import type { Refusal } from './types.ts';

/**
 * A call that the peer refused. `code` is the peer's when it is known here, else INTERNAL; `peerCode` is what it wrote.
 */
export class RefusalError extends TributaryError {
  override readonly name = 'RefusalError';
  readonly peerCode: string;

  constructor(refusal: Refusal) {
    super(refusal.code, refusal.message, { retryAfterMs: refusal.retryAfterMs });
    this.peerCode = refusal.peerCode;
  }
}

/** A refusal head as it was read, with its code mapped to one of ours. */
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

/** The same refusal, its message cut to fit a head and free of lone surrogates, which canonical JSON may not hold. */
export function fittedRefusal(head: RefusalHead): RefusalHead {
  return { code: head.code, message: clipped(head.message), retryAfterMs: head.retryAfterMs };
}

/** What the peer hears of an exception: code and message if it has a code, otherwise nothing but INTERNAL. */
export function refusalOf(error: unknown): RefusalHead {
  if (!isTributaryError(error)) return refusalHeadOf('INTERNAL', 'internal error');
  return refusalHeadOf(error.code, error.message, error.retryAfterMs);
}

function clipped(message: string): string {
  const text = message.toWellFormed();
  if (Buffer.byteLength(text) <= refusalMessageBytesMax) return text;
  // A cut inside a character leaves one replacement character of three bytes, hence the room for it.
  return Buffer.from(text)
    .subarray(0, refusalMessageBytesMax - 3)
    .toString();
}
