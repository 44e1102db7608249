import type { ProofErrorCode } from '@tributary/schemas';
import { parseBundle } from '../bundle.ts';
import { ProofError } from '../errors.ts';
import { NOT_PROVEN, type NotProven } from './not-proven.ts';
import type { Unpinned } from './pins.ts';
import type { Pinned, VerifiedAnswer, VerifyOptions } from './types.ts';
import { verifyExactly } from './verify-answer.ts';

export type BundleOptions = Pick<VerifyOptions, 'trust' | 'requirePins' | 'networks' | 'now' | 'maxAgeMs' | 'expected'>;

/** The report on a bundle. `ok`: every check passed. `pinned` says which keys are trusted. */
export interface VerificationReport {
  readonly ok: boolean;
  /**
   * True when the bundle passed and every key that it depends on is pinned. Only then may a program print a plain OK.
   */
  readonly trusted: boolean;
  readonly pinned: Pinned;
  /** The keys that the trust file does not list; without one, all keys that the answer depends on. */
  readonly unpinned: readonly Unpinned[];
  readonly failed: { readonly code: ProofErrorCode; readonly message: string } | null;
  readonly notProven: readonly NotProven[];
  /** What was verified; null when a check failed. */
  readonly facts: BundleFacts | null;
  readonly verified: VerifiedAnswer | null;
}

/** A verified bundle in a few lines. */
export interface BundleFacts {
  readonly index: string;
  readonly provider: string;
  readonly signers: readonly string[];
  readonly payee: string | null;
  readonly query: string | null;
  readonly results: number;
  readonly status: string;
  readonly snapshot: number;
  readonly manifestHash: string;
  readonly receiptHash: string;
  readonly charge: string;
  readonly unit: string;
  /** Unix ms, by the provider's clock; not proven unless the verifier asked itself. */
  readonly servedAt: number;
}

const UNPINNED: Pinned = { signers: false, log: false, payee: false };

/**
 * Verifies a bundle offline: the text or bytes of a file, or the `proof` of an answer over HTTP. The rule is the same
 * for both: everything in it is checked. Bad input gives a report with the first failed check, never an exception.
 */
export function verifyBundle(input: unknown, options: BundleOptions = {}): VerificationReport {
  try {
    const bundle = parseBundle(input);
    const verified = verifyExactly(bundle, options);
    const { pinned, unpinned, notProven } = verified;
    const trusted = unpinned.length === 0;
    return { ok: true, trusted, pinned, unpinned, failed: null, notProven, facts: factsOf(verified, bundle), verified };
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    const failed = { code: error.code, message: error.message };
    return {
      ok: false,
      trusted: false,
      pinned: UNPINNED,
      unpinned: [],
      failed,
      notProven: NOT_PROVEN,
      facts: null,
      verified: null,
    };
  }
}

function factsOf(verified: VerifiedAnswer, { receipt, payment }: ReturnType<typeof parseBundle>): BundleFacts {
  const { request, answer, identity, offer, snapshot, writes, receiptHash } = verified;
  return {
    index: offer.index,
    provider: identity.did,
    signers: [...new Set(writes.map(({ statement }) => statement.signer))],
    payee: payment === null ? null : identity.payee,
    query: request.text,
    results: answer.results.length,
    status: answer.status,
    snapshot: answer.snapshot,
    manifestHash: snapshot.hash,
    receiptHash,
    charge: receipt.charge,
    unit: offer.unit,
    servedAt: receipt.servedAt,
  };
}
