import { createVerifierCaches, makeBundle, namedWrites, ProofError, verifyAnswer } from '@tributary/proof';
import { createLru, fromBase64url } from '@tributary/proof/primitives';
import type { AnswerParts, VerifiedAnswer, VerifierCaches } from '@tributary/proof';
import type { Lru } from '@tributary/proof/primitives';
import type { MethodResult, SignedStatement, Trust } from '@tributary/schemas';
import type { Link } from '../link/types.ts';
import type { HeadStore } from '../heads/memory-heads.ts';
import { createHeads, type Heads } from '../heads/heads.ts';
import { queryTimeoutMsDefault, verifiedObjectsMax } from './limits.ts';
import type { Answered, AnswerVerifier, Prepared, Verified } from './types.ts';

export interface VerifierOptions {
  heads: HeadStore;
  trust?: Trust;
  /** Unix milliseconds. */
  now(): number;
}

/** Texts of a manifest and its tlog-proof, and the list of writers that the manifest names. */
type Snapshot = MethodResult<'snapshot'>;

interface Memory extends VerifierOptions {
  caches: VerifierCaches;
  /** Manifest and tlog-proof texts by manifest hash. */
  snapshots: Lru<string, Snapshot>;
  writes: Lru<string, SignedStatement>;
  held: Heads;
}

/** A verifier that remembers what it has verified, and the head of each log it has seen. */
export function createVerifier(options: VerifierOptions): AnswerVerifier {
  const memory: Memory = {
    ...options,
    caches: createVerifierCaches(),
    snapshots: createLru(verifiedObjectsMax),
    writes: createLru(verifiedObjectsMax),
    held: createHeads(options.heads),
  };
  return {
    headSize: (index) => memory.held.size(index),
    verify: (prepared, answered, link) => verify(memory, prepared, answered, link),
  };
}

/**
 * Checks an answer completely: fetches the statements that are missing, verifies everything, and compares the log with
 * the head that it showed before.
 *
 * @throws ProofError with the code of the first check that failed
 */
async function verify(memory: Memory, prepared: Prepared, answered: Answered, link: Link): Promise<Verified> {
  const snapshot = await fetchSnapshot(memory, prepared, answered, link);
  const parts = toParts(prepared, answered, snapshot, []);
  const answer = check(memory, parts, prepared, answered) ?? (await checkWithWrites(memory, parts, prepared, answered, link));
  const key = snapshotKey(prepared, answered);
  if (memory.snapshots.get(key) !== snapshot) memory.snapshots.set(key, snapshot);
  await holdToHead(memory, prepared, answered, answer, link);
  return { prepared, answered, answer, bundle: () => makeBundle(parts, answer) };
}

async function fetchSnapshot(memory: Memory, prepared: Prepared, answered: Answered, link: Link) {
  const known = memory.snapshots.get(snapshotKey(prepared, answered));
  return known ?? link.call('snapshot', { index: prepared.known.offer.index, manifest: answered.receipt.manifestHash });
}

/** What was verified for one index says nothing about another: a liar may name somebody else's manifest. */
const snapshotKey = (prepared: Prepared, answered: Answered): string =>
  `${prepared.known.offer.index} ${answered.receipt.manifestHash}`;

/** Null when only write statements are missing. */
function check(memory: Memory, parts: AnswerParts, prepared: Prepared, answered: Answered): VerifiedAnswer | null {
  try {
    return verifyAnswer(parts, {
      caches: memory.caches,
      now: memory.now(),
      ...(memory.trust ? { trust: memory.trust } : {}),
      ownRequest: { body: prepared.bodyText, request: prepared.request },
      ...(answered.payment?.signed ? { ownVoucher: answered.payment.signed } : {}),
      expected: {
        request: { nonce: prepared.nonce, body: parts.request.body },
        // No question waits longer, so it was not sent before. A lost question that is repeated keeps its deadline.
        askedAt: prepared.deadline - queryTimeoutMsDefault,
        offer: prepared.known.offerHash,
        ...(answered.payment ? { ticketId: answered.payment.ticket.id } : {}),
        maxCharge: String(prepared.quote),
      },
    });
  } catch (error) {
    if (error instanceof ProofError && error.code === 'WRITE_MISSING' && parts.writes.length === 0) return null;
    throw error;
  }
}

async function checkWithWrites(
  memory: Memory,
  parts: AnswerParts,
  prepared: Prepared,
  answered: Answered,
  link: Link,
): Promise<VerifiedAnswer> {
  const named = namedWrites(parts, memory.caches);
  const missing = named.filter((hash) => !memory.writes.get(hash));
  if (missing.length > 0) {
    const { writes } = await link.call('writes', { index: prepared.known.offer.index, hashes: missing });
    // A wrong one fails its check and is never cached as verified.
    writes.forEach((write, at) => memory.writes.set(missing[at]!, write));
  }
  const writes = named.map((hash) => memory.writes.get(hash)).filter((write) => write !== undefined);
  try {
    return check(memory, { ...parts, writes }, prepared, answered)!;
  } catch (error) {
    for (const hash of missing) memory.writes.delete(hash);
    throw error;
  }
}

/** A log may grow but never go back: it must extend the head seen last. */
async function holdToHead(
  memory: Memory,
  prepared: Prepared,
  answered: Answered,
  answer: VerifiedAnswer,
  link: Link,
): Promise<void> {
  const { index } = prepared.known.offer;
  const { snapshot } = answer;
  // The cached proof belongs to an older head. The provider must place the snapshot under a newer one.
  if (snapshot.head.size < memory.held.size(index)) memory.snapshots.delete(snapshotKey(prepared, answered));
  await memory.held.hold(index, snapshot, prepared.headSize, async (sizes) =>
    (await link.call('consistency', { index, ...sizes })).hashes.map(fromBase64url),
  );
}

function toParts(prepared: Prepared, answered: Answered, snapshot: Snapshot, writes: SignedStatement[]): AnswerParts {
  const { payment } = answered;
  return {
    request: { nonce: prepared.nonce, body: prepared.bodyText },
    response: answered.body,
    records: answered.records,
    receipt: answered.receipt,
    payment: payment && { terms: payment.terms, ticket: payment.ticket, voucher: payment.voucher },
    offer: prepared.known.signedOffer,
    identity: prepared.known.signedIdentity,
    manifest: snapshot.manifest,
    log: snapshot.log,
    ...(snapshot.writers === undefined ? {} : { writers: snapshot.writers }),
    witnesses: [],
    writes,
  };
}
