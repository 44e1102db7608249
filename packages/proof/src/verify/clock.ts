import { ProofError } from '../errors.ts';
import { clockSkewMs } from './limits.ts';
import type { AnswerParts, VerifiedSnapshot, VerifyOptions } from './types.ts';

/**
 * When the question was asked, by the verifier's own clock; null when it has none, or when the question is not its own.
 * A date is proven only then: an answer to a nonce cannot be older than the nonce.
 */
export function ownTime({ now, expected }: VerifyOptions): number | null {
  if (now === undefined || expected?.request === undefined) return null;
  return expected.askedAt ?? now;
}

/** True when a statement was valid at the time of the receipt, and at the verifier's own time when it has one. */
export function isValid(
  statement: { issued: number; expiry: number },
  { receipt }: Pick<AnswerParts, 'receipt'>,
  own: number | null,
): boolean {
  const { issued, expiry } = statement;
  const atReceipt = issued <= receipt.servedAt && receipt.servedAt < expiry;
  return atReceipt && (own === null || (issued <= own + clockSkewMs && own < expiry));
}

/**
 * Checks that no signed time is ahead of the verifier's clock or before its question, and that the answer is not too
 * old.
 */
export function checkClock(
  { receipt }: Pick<AnswerParts, 'receipt'>,
  { cosignatures }: Pick<VerifiedSnapshot, 'cosignatures'>,
  options: VerifyOptions,
): void {
  const { now, maxAgeMs, expected } = options;
  if (now === undefined) return;
  const { servedAt } = receipt;
  const latest = Math.max(servedAt, ...cosignatures.map(({ timestamp = 0 }) => timestamp * 1_000));
  if (latest > now + clockSkewMs) throw new ProofError('CLOCK_FUTURE', `a signed time is ${latest - now} ms ahead of this clock`);
  const asked = expected?.request === undefined ? undefined : expected.askedAt;
  if (asked !== undefined && servedAt < asked - clockSkewMs)
    throw new ProofError('CLOCK_STALE', `the answer is dated ${asked - servedAt} ms before its question was asked`);
  if (maxAgeMs !== undefined && servedAt < now - maxAgeMs)
    throw new ProofError('CLOCK_STALE', `the answer is ${now - servedAt} ms old; at most ${maxAgeMs} were allowed`);
}
