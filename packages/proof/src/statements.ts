// What owners sign and commit to: identities, records, writes, manifests, questions and answers.
export { TAG_MANIFEST, TAG_WRITE, TAG_WRITERS } from './domains.ts';
export { addressFromPublicKey, didFromPublicKey, fingerprint, logOrigin, makeIndexId, publicKeyFromDid } from './identity.ts';
export { commitRecord, recordCommitment } from './record/commit.ts';
export type { CommittedRecord } from './record/commit.ts';
export { showRecord } from './record/show.ts';
export { encodeShown, shownHash } from './record/shown-bytes.ts';
export { LEAF_LIVE, deleteEntry, leafEntry, putEntry, tombstoneEntry } from './record/leaf.ts';
export {
  isEmbedRequest,
  readAnswer,
  readEmbeddings,
  readEmbedRequest,
  readRequest,
  requestHash,
  responseHash,
  writeEmbedRequest,
  writeRequest,
} from './requests.ts';
export { signIdentity } from './statements/identity.ts';
export { readIdentity, readManifest, readWrite, readWriters } from './statements/read.ts';
export { modelDigest, signStatement, statementHash } from './statements/sign.ts';
export { checkScope, delegationsOf } from './statements/writers.ts';
