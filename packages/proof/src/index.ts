// The verifier: everything that a reader of answers needs. Its parts have their own entries:
// `@tributary/proof/primitives` (bytes, hashes, signatures, trees, notes), `/statements` (what owners sign),
// `/payment`, `/ranking` (scores, filters).
export { ProofError } from './errors.ts';

export { makeRequest, textToEmbed } from './question/make-request.ts';
export { parseBundle, serializeBundle } from './bundle.ts';
export { makeBundle, recordBytes, recordOf } from './verify/make-bundle.ts';

export { verifyAnswer } from './verify/verify-answer.ts';
export { verifyBundle } from './verify/verify-bundle.ts';
export type { BundleFacts, BundleOptions, VerificationReport } from './verify/verify-bundle.ts';
export { createVerifierCaches } from './verify/caches.ts';
export { namedWrites, readWholeAnswer } from './verify/known-items.ts';
export { checkEmbeddings } from './verify/check-embeddings.ts';
export { compareVectors } from './verify/embeddings/compare-vectors.ts';
export { isEmbeddingProof, verifyEmbeddingBundle } from './verify/embeddings/verify-embedding-bundle.ts';
export type { EmbeddingReport } from './verify/embeddings/verify-embedding-bundle.ts';
export { verifyEmbeddings } from './verify/embeddings/verify-embeddings.ts';
export type { EmbeddingParts, VerifiedEmbeddings } from './verify/embeddings/verify-embeddings.ts';
export { checkHead } from './verify/head.ts';
export { checkPins } from './verify/pins.ts';
export type { Unpinned } from './verify/pins.ts';
export { parseTrust } from './verify/trust-file.ts';
export { mergedNotProven } from './verify/not-proven.ts';
export { clockSkewMs } from './verify/limits.ts';
export type { AnswerParts, LogHead, OwnVoucher, VerifiedAnswer, VerifiedSnapshot, VerifierCaches } from './verify/types.ts';
