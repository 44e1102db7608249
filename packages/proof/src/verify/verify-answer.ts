import { isTributaryError } from '@tributary/schemas';
import { ProofError } from '../errors.ts';
import { createVerifierCaches } from './caches.ts';
import { checkAnswer } from './checks/check-answer.ts';
import { checkExpectations } from './checks/check-expectations.ts';
import { checkIdentity } from './checks/check-identity.ts';
import { checkItems } from './checks/check-items.ts';
import { checkManifest } from './checks/check-manifest.ts';
import { checkOffer } from './checks/check-offer.ts';
import { checkPayment } from './checks/check-payment.ts';
import { checkReceipt } from './checks/check-receipt.ts';
import { checkScores } from './checks/check-scores.ts';
import { checkTrust } from './checks/check-trust.ts';
import { checkWriters } from './checks/check-writers.ts';
import { checkWrites } from './checks/check-writes.ts';
import { ownTime } from './clock.ts';
import { rememberItems } from './known-items.ts';
import { notProven } from './not-proven.ts';
import { refuseUnpinned } from './pins.ts';
import type { AnswerParts, VerifiedAnswer, VerifyOptions } from './types.ts';

/**
 * Verifies one answer from its parts, in the order of docs/spec/bundle.md. With caches, known statements are not
 * verified again.
 *
 * @throws ProofError with the code of the first check that failed
 */
export function verifyAnswer(parts: AnswerParts, options: VerifyOptions = {}): VerifiedAnswer {
  // Cosignatures count only if they are checked. So those of the trusted witnesses are checked, whether the bundle
  // lists them or not.
  const witnesses = [...new Set([...parts.witnesses, ...(options.trust?.witnesses ?? [])])];
  return failClosed(() => runChecks({ ...parts, witnesses }, options, false));
}

/**
 * Like {@link verifyAnswer}, but nothing may be left unchecked: no unused write, no signature line of an unknown key,
 * no caches.
 */
export function verifyExactly(parts: AnswerParts, options: VerifyOptions): VerifiedAnswer {
  return failClosed(() => runChecks(parts, { ...options, caches: createVerifierCaches() }, true));
}

function runChecks(parts: AnswerParts, options: VerifyOptions, exact: boolean): VerifiedAnswer {
  const { caches = createVerifierCaches() } = options;
  const identity = checkIdentity(parts, caches, ownTime(options));
  const offer = checkOffer(parts, identity, caches, options);
  const verified = checkReceipt(parts, identity, offer, { ...options, caches });
  checkPayment(parts, identity, offer, verified, exact ? undefined : options.ownVoucher);
  const snapshot = checkManifest(parts, identity, offer, verified, { caches, everyLine: exact });
  const query = checkAnswer(verified, snapshot);
  const writes = checkWrites(parts, verified, snapshot, { caches, exact });
  checkWriters(parts, verified, snapshot, writes, { caches, exact });
  checkItems(verified, snapshot, writes);
  checkScores(verified, snapshot, query);
  const verdict = checkTrust(parts, identity, snapshot, writes, options);
  if (options.requirePins) refuseUnpinned(verdict.unpinned);
  checkExpectations(parts, offer, verified, snapshot, options);
  if (options.caches && !exact) rememberItems(verified, snapshot, query, caches);
  return {
    request: verified.request,
    answer: verified.answer,
    records: verified.items.map(({ bytes, path }) => ({ bytes, path })),
    receiptHash: verified.hash,
    identity: identity.identity,
    offer: offer.offer,
    snapshot,
    writes,
    queryVector: query.vector,
    pinned: verdict.pinned,
    unpinned: verdict.unpinned,
    notProven: notProven(verified, snapshot, { ...verdict, dated: ownTime(options) !== null }),
  };
}

/** Every error is a refusal. Text that no reader above expected must not be reported as an error of the program. */
export function failClosed<T>(verify: () => T): T {
  try {
    return verify();
  } catch (cause) {
    if (cause instanceof ProofError) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    if (cause instanceof TypeError || cause instanceof RangeError || isTributaryError(cause))
      throw new ProofError('BUNDLE_SHAPE', `a part cannot be read: ${message}`, { cause });
    throw cause;
  }
}
