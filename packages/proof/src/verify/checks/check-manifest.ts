import { fromHex, utf8 } from '../../bytes.ts';
import { ProofError } from '../../errors.ts';
import { logOrigin, publicKeyFromDid } from '../../identity.ts';
import { hashLeaf } from '../../merkle/hash.ts';
import { verifyInclusion } from '../../merkle/proof.ts';
import { openCheckpoint } from '../../note/checkpoint.ts';
import { splitNote } from '../../note/text.ts';
import { parseTlogProof } from '../../note/tlog-proof.ts';
import { NOTE_COSIGNATURE, parseVkey, type Vkey } from '../../note/vkey.ts';
import { readManifest } from '../../statements/read.ts';
import { clockSkewMs } from '../limits.ts';
import type {
  AnswerParts,
  VerifiedIdentity,
  VerifiedOffer,
  VerifiedReceipt,
  VerifiedSnapshot,
  VerifierCaches,
} from '../types.ts';

/**
 * Step 6: the manifest is the one that answer and receipt name, describes the offered index, and is in its owner's log.
 *
 * @param everyLine true for a bundle file: every signature line must be checked, and every listed witness must have
 *   signed
 */
export function checkManifest(
  parts: AnswerParts,
  { identity }: VerifiedIdentity,
  { offer }: VerifiedOffer,
  { receipt, request, answer }: VerifiedReceipt,
  { caches, everyLine }: { caches: VerifierCaches; everyLine: boolean },
): VerifiedSnapshot {
  const snapshot = readSnapshot(parts, identity.did, offer.index, caches, everyLine);
  const { manifest, hash } = snapshot;
  if (answer.manifest !== hash) throw new ProofError('MANIFEST_HASH', 'the answer names another manifest than the one delivered');
  const mismatch = (what: string) => new ProofError('MANIFEST_MISMATCH', `the manifest is of another ${what}`);
  const { index } = manifest;
  if (index !== offer.index || index !== request.index || index !== answer.index) throw mismatch('index');
  if (manifest.sequence !== answer.snapshot) throw mismatch('snapshot than the answer says');
  if (manifest.provider !== identity.did) throw mismatch('provider');
  const { model, dimension, metric, vectors } = offer.card;
  if (manifest.model !== model || manifest.dimension !== dimension || manifest.metric !== metric || manifest.vectors !== vectors)
    throw mismatch('model, dimension, metric or kinds of vectors than the offer says');
  if (request.minSequence !== null && manifest.write.sequence < request.minSequence)
    throw mismatch(`state: it lacks write ${request.minSequence}, which the request asked for`);
  if (manifest.time > receipt.servedAt + clockSkewMs)
    throw new ProofError('CLOCK_FUTURE', 'the manifest is dated after the receipt');
  return snapshot;
}

function readSnapshot(
  parts: AnswerParts,
  did: string,
  index: string,
  caches: VerifierCaches,
  everyLine: boolean,
): VerifiedSnapshot {
  // One key per set of parts. If they were simply joined, two different sets could give the same key.
  const key = JSON.stringify([everyLine, did, index, parts.witnesses, parts.log, parts.manifest]);
  const known = caches.snapshots.get(key);
  if (known !== undefined) return known;
  const { manifest, hash } = readManifest(parts.manifest);
  const proof = parseTlogProof(parts.log);
  const witnesses = parts.witnesses.map(readWitness);
  const opened = openCheckpoint({
    note: proof.checkpoint,
    origin: logOrigin(index),
    publicKey: publicKeyFromDid(did),
    witnesses,
  });
  const { origin, size, root, verified, unknown } = opened;
  if (everyLine && (unknown > 0 || verified.length !== witnesses.length + 1 || repeatsLine(proof.checkpoint)))
    throw new ProofError('COSIGNATURE', 'signature lines and witnesses listed do not match one to one');
  const leafHash = hashLeaf(utf8(parts.manifest));
  if (proof.index !== manifest.sequence || !verifyInclusion({ index: proof.index, size, leafHash, path: proof.path, root }))
    throw new ProofError('MANIFEST_INCLUSION', `the manifest is not entry ${manifest.sequence} of the log`);
  const cosignatures = verified.filter(({ type }) => type === NOTE_COSIGNATURE);
  const snapshot = { manifest, hash, root: fromHex(manifest.tree.root), head: { origin, size, root }, cosignatures };
  caches.snapshots.set(key, snapshot);
  return snapshot;
}

function readWitness(text: string): Vkey {
  const key = parseVkey(text);
  if (key.type !== NOTE_COSIGNATURE) throw new ProofError('COSIGNATURE', `${key.name} is not the key of a witness (type 4)`);
  return key;
}

function repeatsLine(note: string): boolean {
  const keys = splitNote(note).lines.map(({ name, keyId }) => `${name} ${keyId}`);
  return new Set(keys).size !== keys.length;
}
