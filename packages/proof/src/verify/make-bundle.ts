import type { Bundle } from '@tributary/schemas';
import { concat, fromBase64url, fromUtf8, toBase64url } from '../bytes.ts';
import { publicKeyFromDid } from '../identity.ts';
import { parseTlogProof, formatTlogProof } from '../note/tlog-proof.ts';
import { splitNote } from '../note/text.ts';
import { NOTE_ED25519, formatVkey, makeVkey } from '../note/vkey.ts';
import { hashesOf } from './known-items.ts';
import type { AnswerParts, VerifiedAnswer, VerifiedSnapshot } from './types.ts';

/**
 * The bundle of a verified answer: its parts, the writes that its results name in order of first use, and only those
 * signature lines of the log that were checked, because everything in a bundle is checked.
 */
export function makeBundle(parts: AnswerParts, verified: VerifiedAnswer): Bundle {
  const { log, witnesses } = checkedLog(parts.log, verified);
  const writes = [...new Map(verified.writes.map(({ hash, signed }) => [hash, signed])).values()];
  const { request, receipt, payment, offer, identity, manifest, writers } = parts;
  const delegated = verified.writes.some(({ statement }) => statement.signer !== verified.identity.did);
  const response = typeof parts.response === 'string' ? parts.response : fromUtf8(parts.response);
  return {
    v: 1,
    type: 'tributary/bundle',
    request,
    response,
    records: verified.records.map(lazyRecord),
    receipt,
    payment,
    offer,
    identity,
    manifest,
    log,
    witnesses: [...witnesses],
    writes,
    ...(delegated && writers !== undefined ? { writers } : {}),
  };
}

type BundleRecord = Bundle['records'][number];
/** A record of a bundle as bytes. */
type RecordBytes = VerifiedAnswer['records'][number];

const bytesOf = new WeakMap<BundleRecord, RecordBytes>();

/** Becomes text when it is looked at: most bundles are kept as bytes and never read. */
function lazyRecord(record: RecordBytes): BundleRecord {
  const { bytes, path } = record;
  const lazy: BundleRecord = {
    get shown() {
      return toBase64url(bytes);
    },
    get path() {
      return hashesOf(path).map(toBase64url);
    },
  };
  bytesOf.set(lazy, record);
  return lazy;
}

/** The bytes of a bundle's record: those that it was made of, without a detour through text, or those of its text. */
export function recordBytes(record: BundleRecord): RecordBytes {
  const known = bytesOf.get(record);
  if (known !== undefined) return known;
  return { bytes: fromBase64url(record.shown), path: concat(...record.path.map(fromBase64url)) };
}

/** The record of a bundle, of its bytes. */
export const recordOf = (bytes: Uint8Array, path: Uint8Array): BundleRecord => lazyRecord({ bytes, path });

/** What the bundles of a snapshot have in common. */
const logs = new WeakMap<VerifiedSnapshot, CheckedLog & { readonly tlogProof: string }>();

function checkedLog(tlogProof: string, verified: VerifiedAnswer): CheckedLog {
  const known = logs.get(verified.snapshot);
  if (known?.tlogProof === tlogProof) return known;
  const made = { ...checkedLines(tlogProof, verified), tlogProof };
  logs.set(verified.snapshot, made);
  return made;
}

interface CheckedLog {
  readonly log: string;
  readonly witnesses: string[];
}

function checkedLines(tlogProof: string, { snapshot, identity }: VerifiedAnswer): CheckedLog {
  const proof = parseTlogProof(tlogProof);
  const { text, lines } = splitNote(proof.checkpoint);
  const logKey = { name: snapshot.head.origin, publicKey: publicKeyFromDid(identity.did), type: NOTE_ED25519 } as const;
  const written = proof.checkpoint.slice(text.length + 1, -1).split('\n');
  const kept = [logKey, ...snapshot.cosignatures].map((key) => {
    const { name, keyId } = makeVkey(key);
    return written[lines.findIndex((line) => line.name === name && line.keyId === keyId)];
  });
  const checkpoint = `${text}\n${kept.join('\n')}\n`;
  return { log: formatTlogProof({ ...proof, checkpoint }), witnesses: snapshot.cosignatures.map(formatVkey) };
}
