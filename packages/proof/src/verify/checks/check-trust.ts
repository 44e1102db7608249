import { toHex } from '../../bytes.ts';
import { ProofError } from '../../errors.ts';
import { parseVkey } from '../../note/vkey.ts';
import { freshMs } from '../limits.ts';
import { ownTime } from '../clock.ts';
import { unpinnedKeys, type Unpinned } from '../pins.ts';
import type { AnswerParts, Pinned, VerifiedIdentity, VerifiedSnapshot, VerifiedWrite, VerifyOptions } from '../types.ts';

export interface TrustVerdict {
  readonly pinned: Pinned;
  readonly unpinned: readonly Unpinned[];
  /** A quorum of trusted witnesses has cosigned the head. */
  readonly witnessed: boolean;
  /** That quorum signed recently by the verifier's own clock, and the snapshot was the newest then. */
  readonly fresh: boolean;
}

/** Step 10: which keys the trust file lists, and whether its quorum of witnesses has signed. */
export function checkTrust(
  parts: AnswerParts,
  { identity }: VerifiedIdentity,
  snapshot: VerifiedSnapshot,
  writes: readonly VerifiedWrite[],
  options: VerifyOptions,
): TrustVerdict {
  const { trust, now } = options;
  const signers = writes.map(({ statement }) => statement.signer);
  const paid = parts.payment !== null;
  const unpinned = unpinnedKeys(trust, { identity, index: snapshot.manifest.index, paid, signers });
  const listed = (code: Unpinned['code']) => !unpinned.some((key) => key.code === code);
  const pinned = {
    signers: signers.length === 0 ? null : listed('SIGNER_UNPINNED'),
    log: listed('LOG_UNPINNED'),
    payee: paid ? listed('PAYEE_UNPINNED') : null,
  };
  if (trust === undefined || trust.quorum === 0) return { pinned, unpinned, witnessed: false, fresh: false };
  const times = cosignatureTimes(snapshot, trust.witnesses);
  const quorumTime = times[trust.quorum - 1];
  if (quorumTime === undefined)
    throw new ProofError('WITNESS_QUORUM', `${times.length} trusted witnesses signed; the trust file asks for ${trust.quorum}`);
  const newest = snapshot.manifest.sequence === snapshot.head.size - 1;
  const recent = now !== undefined && ownTime(options) !== null && quorumTime * 1_000 >= now - freshMs;
  return { pinned, unpinned, witnessed: true, fresh: newest && recent };
}

/** Times (Unix seconds) of the cosignatures by distinct trusted keys, newest first. */
function cosignatureTimes({ cosignatures }: VerifiedSnapshot, witnesses: readonly string[]): number[] {
  const trusted = new Set(witnesses.map((text) => toHex(parseVkey(text).publicKey)));
  const times = new Map<string, number>();
  for (const { publicKey, timestamp = 0 } of cosignatures) {
    const key = toHex(publicKey);
    if (trusted.has(key)) times.set(key, Math.max(timestamp, times.get(key) ?? 0));
  }
  return [...times.values()].sort((a, b) => b - a);
}
