import {
  bundleBytesMax,
  checkShape,
  embeddingBundle as bundleShape,
  embeddingFault as faultShape,
  parseJson,
  type EmbeddingBundle,
  type EmbeddingFault,
  type ProofErrorCode,
} from '@tributary/schemas';
import { vectorFromBase64url } from '../../bytes.ts';
import { ProofError, refuseAs } from '../../errors.ts';
import type { NotProven } from '../not-proven.ts';
import type { Unpinned } from '../pins.ts';
import type { BundleOptions } from '../verify-bundle.ts';
import { compareVectors } from './compare-vectors.ts';
import { verifyEmbeddings, type VerifiedEmbeddings } from './verify-embeddings.ts';

/** The report on a bundle of sold vectors. */
export interface EmbeddingReport {
  readonly ok: boolean;
  /** True when it passed and every key that it depends on is pinned. */
  readonly trusted: boolean;
  readonly unpinned: readonly Unpinned[];
  readonly failed: { readonly code: ProofErrorCode; readonly message: string } | null;
  readonly notProven: readonly NotProven[];
  readonly facts: EmbeddingFacts | null;
}

/** A verified bundle in a few lines. */
export interface EmbeddingFacts {
  readonly model: string;
  readonly modelDigest: string;
  readonly provider: string;
  readonly payee: string | null;
  readonly kind: 'document' | 'query';
  readonly texts: number;
  readonly receiptHash: string;
  readonly charge: string;
  readonly unit: string;
  /** Unix ms, by the provider's clock. */
  readonly servedAt: number;
  /** In a record of a fault: which text, and the cosine of the sold vector and the client's own. */
  readonly fault: { readonly text: number; readonly cosine: number } | null;
}

type ReadFile = { bundle: EmbeddingBundle; fault: EmbeddingFault | null };

/** Whether a proof file is about sold vectors. False also for what cannot be read; its verifier says why. */
export function isEmbeddingProof(input: unknown): boolean {
  try {
    const value = parsed(input) as { type?: unknown } | null;
    return value?.type === 'tributary/embedding-bundle' || value?.type === 'tributary/embedding-fault';
  } catch {
    return false;
  }
}

/**
 * Verifies a bundle of sold vectors offline, or the evidence of a fault. Bad input gives a report, never an exception.
 */
export function verifyEmbeddingBundle(input: unknown, options: BundleOptions = {}): EmbeddingReport {
  try {
    const { bundle, fault } = read(input);
    const verified = verifyEmbeddings(bundle, options);
    const { unpinned, notProven } = verified;
    const facts = { ...factsOf(verified, bundle), fault: fault === null ? null : checkFault(fault, verified) };
    return { ok: true, trusted: unpinned.length === 0, unpinned, failed: null, notProven, facts };
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    const failed = { code: error.code, message: error.message };
    return { ok: false, trusted: false, unpinned: [], failed, notProven: ['embedding', 'servedAt'], facts: null };
  }
}

function read(input: unknown): ReadFile {
  return refuseAs('BUNDLE_SHAPE', () => {
    const value = parsed(input);
    if ((value as { type?: unknown } | null)?.type !== 'tributary/embedding-fault')
      return { bundle: checkShape(bundleShape, value, 'the bundle'), fault: null };
    const fault = checkShape(faultShape, value, 'the record of a fault');
    return { bundle: fault.bundle, fault };
  });
}

const parsed = (input: unknown): unknown =>
  typeof input === 'string' || input instanceof Uint8Array ? parseJson(input, 'the bundle', bundleBytesMax) : input;

function factsOf(verified: VerifiedEmbeddings, { receipt, payment }: EmbeddingBundle): Omit<EmbeddingFacts, 'fault'> {
  const { offer, identity, request, receiptHash } = verified;
  return {
    model: offer.model.id,
    modelDigest: offer.model.digest,
    provider: identity.did,
    payee: payment === null ? null : identity.payee,
    kind: request.kind,
    texts: request.texts.length,
    receiptHash,
    charge: receipt.charge,
    unit: offer.unit,
    servedAt: receipt.servedAt,
  };
}

/** The record must say what the bundle says, and the two vectors must really differ. */
function checkFault(fault: EmbeddingFault, verified: VerifiedEmbeddings): { text: number; cosine: number } {
  const wrong = (what: string) => new ProofError('EMBEDDING_MISMATCH', `the record of a fault ${what}`);
  const sold = verified.vectors[fault.text];
  if (fault.provider !== verified.identity.did || fault.model !== verified.offer.model.digest)
    throw wrong('names another provider or model than its bundle');
  if (sold === undefined) throw wrong(`is about text ${fault.text}, which was not sent`);
  const { cosine, same } = compareVectors(sold, vectorFromBase64url(fault.vector));
  if (same) throw wrong('has two vectors that agree');
  return { text: fault.text, cosine };
}
