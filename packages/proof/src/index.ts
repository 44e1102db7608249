export { ProofError } from './errors.ts';

export {
  ed25519PublicKey,
  ed25519Sign,
  ed25519Verify,
  hmacSha256,
  keccak256,
  secp256k1Backend,
  secp256k1PublicKey,
  secp256k1Recover,
  secp256k1Sign,
  sha256,
  sha256Parts,
} from '#crypto';
export type { Crypto } from './crypto/types.ts';
export {
  concat,
  equalBytes,
  fromBase64,
  fromBase64url,
  fromHex,
  fromUtf8,
  toBase64,
  toBase64url,
  toHex,
  u128,
  u16,
  u32,
  u64,
  utf8,
  vectorBytes,
  vectorFromBase64url,
  vectorToBase64url,
} from './bytes.ts';
export {
  TAG_DELETE,
  TAG_FIELD,
  TAG_IDENTITY,
  TAG_LEAF,
  TAG_MANIFEST,
  TAG_MODEL,
  TAG_OFFER,
  TAG_PUT,
  TAG_RECORD,
  TAG_REQUEST,
  TAG_RESPONSE,
  TAG_SALT,
  TAG_TICKET,
  TAG_WRITE,
} from './domains.ts';

export { EMPTY_ROOT, hashLeaf, hashNode } from './merkle/hash.ts';
export { createTree } from './merkle/tree.ts';
export type { LeafOverrides, MerkleTree } from './merkle/tree.ts';
export type { TreeView } from './merkle/view.ts';
export { consistencyPath, inclusionPath, rootOf, verifyConsistency, verifyInclusion } from './merkle/proof.ts';
export type { Consistency, Inclusion } from './merkle/proof.ts';

export { formatCheckpoint, openCheckpoint, parseCheckpoint, signCheckpoint } from './note/checkpoint.ts';
export type { Checkpoint } from './note/checkpoint.ts';
export { cosignNote } from './note/cosignature.ts';
export { openNote, signNote } from './note/note.ts';
export type { NoteSignature, OpenedNote } from './note/note.ts';
export { formatTlogProof, parseTlogProof } from './note/tlog-proof.ts';
export type { TlogProof } from './note/tlog-proof.ts';
export { NOTE_COSIGNATURE, NOTE_ED25519, formatVkey, makeVkey, parseVkey } from './note/vkey.ts';
export type { NoteKeyType, Vkey } from './note/vkey.ts';

export {
  addressFromPublicKey,
  didFromPublicKey,
  fingerprint,
  indexIdOwnerMatches,
  logOrigin,
  makeIndexId,
  publicKeyFromDid,
} from './identity.ts';
export { commitField, commitRecord, commitShown, discloseRecord, fieldSalt, recordCommitment } from './record/commit.ts';
export type { CommittedRecord, RecordCommitments } from './record/commit.ts';
export {
  FIELD_NAMES,
  jsonValueBytes,
  metadataFieldName,
  metadataKeys,
  sourceValueBytes,
  vectorValueBytes,
} from './record/fields.ts';
export type { FieldName } from './record/fields.ts';
export { LEAF_LIVE, LEAF_TOMBSTONE, deleteEntry, leafEntry, putEntry, tombstoneEntry } from './record/leaf.ts';
export type { LeafKind } from './record/leaf.ts';
export { signIdentity } from './statements/identity.ts';
export { readIdentity, readManifest, readWrite } from './statements/read.ts';
export { modelDigest, signStatement, statementHash } from './statements/sign.ts';

export {
  aboutChannelDigest,
  channelId,
  openChannelDigest,
  recoverAboutChannel,
  recoverOpenChannel,
  signAboutChannel,
  signOpenChannel,
} from './payment/channel.ts';
export { channelStateDigest, checkChannelState, signChannelState } from './payment/channel-state.ts';
export type { Network } from './payment/eip712.ts';
export { networkOf } from './payment/network.ts';
export { offerDigest, offerHash, readOffer, recoverOffer, signOffer } from './payment/offer.ts';
export type { OfferOptions, OfferOwner } from './payment/offer.ts';
export { chargeOf, isFree, priceOf, quoteOf } from './payment/price.ts';
export { receiptDigest, receiptHash, recoverReceipt, signReceipt } from './payment/receipt.ts';
export type { ReceiptFields } from './payment/receipt.ts';
export { ticketHash } from './payment/ticket.ts';
export { recoverVoucher, signVoucher, voucherDigest } from './payment/voucher.ts';
export type { VoucherFields } from './payment/voucher.ts';
export { makeRequest, modeOf, textToEmbed } from './question/make-request.ts';
export { rankingOf } from './question/ranking.ts';
export type { Asked } from './question/make-request.ts';
export { readAnswer, readRequest, requestHash, responseHash, writeAnswer, writeRequest } from './requests.ts';

export { BM25_B, BM25_K1, bm25, bm25Part, bm25Query, bm25Tolerance, idf, repeatFactor } from './score/bm25.ts';
export type { Bm25Query } from './score/bm25.ts';
export { blockScorer, closeness, denseScore, denseScorer, measureDense } from './score/dense.ts';
export type { DenseMeasure } from './score/dense.ts';
export { compareResults, fuse, scoreOf } from './score/rank.ts';
export type { Ranked, ScoreParts } from './score/rank.ts';
export { queryTerms, termCounts, terms } from './score/terms.ts';

export { compileFilter, filterTest } from './filter/compile.ts';
export type { MetadataTest } from './filter/compile.ts';
export { parseFilter } from './filter/parse.ts';
export type { FilterNode, FilterValue } from './filter/types.ts';

export { makeBundle, parseBundle, serializeBundle } from './bundle/bundle.ts';
export { createVerifierCaches } from './verify/caches.ts';
export { EMBEDDING_COSINE_MIN, checkEmbeddings } from './verify/check-embeddings.ts';
export type { Embedder, EmbeddingAdvice } from './verify/check-embeddings.ts';
export { checkHead } from './verify/head.ts';
export { clockSkewMs } from './verify/limits.ts';
export { mergedNotProven } from './verify/not-proven.ts';
export type { NotProven } from './verify/not-proven.ts';
export { checkPins, unpinnedKeys } from './verify/pins.ts';
export type { PinSubject, Unpinned } from './verify/pins.ts';
export { parseTrust } from './verify/trust-file.ts';
export type {
  AnswerParts,
  ChannelState,
  Expectations,
  LogHead,
  Pinned,
  VerifiedAnswer,
  VerifiedSnapshot,
  VerifiedWrite,
  VerifierCaches,
  OwnVoucher,
  VerifyOptions,
} from './verify/types.ts';
export { verifyAnswer } from './verify/verify-answer.ts';
export { verifyBundle } from './verify/verify-bundle.ts';
export type { BundleFacts, BundleOptions, VerificationReport } from './verify/verify-bundle.ts';
export { createLru } from './lru.ts';
export type { Lru } from './lru.ts';
