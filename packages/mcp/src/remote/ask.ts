import { exchange, holdToHead, toResults, type Heads } from '@tributary/client/http';
import { ProofError, verifyBundle, type VerifiedAnswer } from '@tributary/proof';
import { bundle, checkShape, indexId, TributaryError, type GatewayQuery, type GatewayResult } from '@tributary/schemas';
import { z } from 'zod';
import { ownVectors, soldVectors, type VectorsOf } from '../agreement/vectors.ts';
import type { LibraryAnswer } from '../library.ts';
import { remoteAskTimeoutMs } from '../limits.ts';
import type { SpendCap } from '../session/spend-cap.ts';
import { listedIndexes, readRecords, type GatewayAccess } from './calls.ts';

interface Asking extends GatewayAccess {
  /** Logs as they were last seen. */
  held: Heads;
  session: SpendCap;
}

const snapshot = z.object({ sequence: z.number(), at: z.string() });
const usage = z.object({ charge: z.string().regex(/^\d{1,30}$/), unit: z.string(), receipt: z.string().nullable().optional() });
const part = z.object({ index: indexId, snapshot, usage, proof: bundle.optional() });
const named = z.looseObject({ id: z.string(), index: indexId, namespace: z.string() });
const reply = part.extend({
  results: z.array(named),
  mode: z.string(),
  notProven: z.array(z.string()),
  answers: z.array(part).optional(),
  failed: z.array(z.object({ index: z.string(), code: z.string(), message: z.string() })).optional(),
});
type Reply = z.output<typeof reply>;

/**
 * Asks through `POST /v1/query`. An answer of the network comes with its proof and is read from it.
 *
 * @throws McpError SESSION_CAP; ProofError, also HEAD_ROLLBACK, HEAD_FORK and HEAD_CONSISTENCY; TributaryError
 *   GATEWAY_RESPONSE; the errors of `exchange`
 */
export async function askRemote(question: GatewayQuery, asking: Asking, signal: AbortSignal): Promise<LibraryAnswer> {
  const { own, offers } = await listedIndexes(asking);
  const sizes = new Map(offers.map(({ id }) => [id, asking.held.size(id)]));
  // The size of a log that the list left out is that of now, so that leaving it out hides no rollback.
  const askedSize: AskedSize = (of) => sizes.get(of) ?? asking.held.size(of);
  const { index } = question;
  const mine = index !== undefined && own.some(({ id, name }) => id === index || name === index);
  const capped = mine ? question : { ...question, includeProof: true, ...most(question, asking.session) };
  const reservation = asking.session.reserve(BigInt(capped.maxCharge ?? '0'));
  let charged = 0n;
  try {
    const body = await exchange(asking, '/v1/query', capped, { signal, timeoutMs: remoteAskTimeoutMs });
    const answer = checkShape(reply, body, "the gateway's answer");
    charged = BigInt(answer.usage.charge);
    if (mine) return { ...(answer as unknown as LibraryAnswer), vectorsOf: ownVectorsOf(question, answer, asking) };
    return joined(answer, await checkAll(question, answer, asking, { askedSize, signal }));
  } finally {
    reservation.settle(charged);
  }
}

const ownVectorsOf = ({ namespace = '' }: GatewayQuery, { index }: Reply, asking: Asking): VectorsOf =>
  ownVectors((ids) => readRecords(asking, { index, namespace }, ids));

/** A session with a cap never allows more than what is left of it. */
function most({ maxCharge }: GatewayQuery, session: SpendCap): { maxCharge?: string } {
  const left = session.left();
  if (left === null) return maxCharge === undefined ? {} : { maxCharge };
  const asked = maxCharge === undefined ? left : BigInt(maxCharge);
  return { maxCharge: String(asked < left ? asked : left) };
}

/** Size of a log that was known when the question was sent. */
type AskedSize = (index: string) => number;

/** Each index's part with its proof verified, and its log held to what it showed before. */
async function checkAll(
  question: GatewayQuery,
  answer: Reply,
  asking: Asking,
  { askedSize, signal }: { askedSize: AskedSize; signal: AbortSignal },
): Promise<Checked[]> {
  const checked = (answer.answers ?? [answer]).map((one) => verify(question, one, asking));
  for (const { verified } of checked) await holdToHead(asking.held, verified, askedSize(verified.offer.index), asking, signal);
  return checked;
}

/** The answer as its proofs have it. From the gateway come only the order of the results and what failed. */
function joined({ results, failed, mode, notProven }: Reply, checked: readonly Checked[]): LibraryAnswer {
  const verified = checked.map((one) => one.verified);
  const known = verified.flatMap((one) => toResults(one));
  const parts = checked.map(({ verified: one, charge }) => ({
    index: one.offer.index,
    snapshot: { sequence: one.snapshot.manifest.sequence, at: new Date(one.snapshot.manifest.time).toISOString() },
    usage: { charge, unit: one.offer.unit, receipt: one.receiptHash },
  }));
  const total = parts.reduce((sum, { usage: { charge } }) => sum + BigInt(charge), 0n);
  const [first] = parts;
  if (first === undefined) throw new TributaryError('GATEWAY_RESPONSE', 'the gateway answered without an answer');
  return {
    ...first,
    usage: { ...first.usage, charge: String(total) },
    results: results.map((one, at) => ({ ...find(known, one), rank: at + 1 })),
    mode,
    notProven: [...new Set([...notProven, ...verified.flatMap((one) => one.notProven)])],
    answers: parts,
    vectorsOf: soldVectors(() => verified),
    ...(failed === undefined ? {} : { failed }),
  };
}

interface Checked {
  verified: VerifiedAnswer;
  charge: string;
}

/** @throws ProofError when a check fails, or the proof is of another question */
function verify(question: GatewayQuery, { index, proof }: z.output<typeof part>, { trust, now }: GatewayAccess): Checked {
  if (proof === undefined) throw new TributaryError('GATEWAY_RESPONSE', `the gateway sent no proof for its answer of ${index}`);
  const { verified, failed } = verifyBundle(proof, { now: now(), ...(trust === null ? {} : { trust, requirePins: true }) });
  if (verified === null) throw new ProofError(failed?.code ?? 'BUNDLE_SHAPE', failed?.message ?? 'the proof cannot be read');
  const { request, offer } = verified;
  const asks = question.index ?? offer.index;
  const same = request.text === question.query && (offer.index === asks || offer.index.startsWith(`${asks}@`));
  if (!same || request.namespace !== (question.namespace ?? ''))
    throw new ProofError('REQUEST_MISMATCH', 'the answer is to another question than was asked');
  return { verified, charge: proof.receipt.charge };
}

function find(known: readonly GatewayResult[], one: z.output<typeof named>): GatewayResult {
  const found = known.find(({ id, index, namespace }) => id === one.id && index === one.index && namespace === one.namespace);
  if (found === undefined)
    throw new TributaryError('GATEWAY_RESPONSE', `the gateway lists the result '${one.id}', which no proof has`);
  return found;
}
