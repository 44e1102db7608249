import { checkPins, makeRequest, ProofError, textToEmbed, verifyBundle } from '@tributary/proof';
import { quoteOf } from '@tributary/proof/payment';
import { fromBase64url, toBase64url } from '@tributary/proof/primitives';
import { writeRequest } from '@tributary/proof/statements';
import type { Unpinned, VerifiedAnswer } from '@tributary/proof';
import { checkShape, gatewayConsistency, gatewayIndexes, gatewayRelayResult, TributaryError } from '@tributary/schemas';
import type { Bundle, GatewayIndex, GatewayResult, Trust } from '@tributary/schemas';
import type { KnownOffer } from '../discovery/types.ts';
import { ClientError } from '../errors.ts';
import { exchange, type GatewayCalls } from './gateway-calls.ts';
import { unknownIndex } from '../discovery/index-names.ts';
import { readListing, toListing } from './listing.ts';
import { pick } from '../discovery/pick.ts';
import { toResults } from '../query/merge.ts';
import type { Question } from '../query/types.ts';
import { memoryHeads, type HeadStore } from '../heads/head-store.ts';
import { createHeads, type Heads } from '../heads/heads.ts';

export interface HttpClientOptions extends GatewayCalls {
  /** Keys that are trusted: others are refused, log and payee before anything is asked. Without it, outcomes say what is unpinned. */
  trust?: Trust;
  /** Newest heads of logs seen, kept by the caller (`openHeadStore`); in memory when left out. */
  heads?: HeadStore;
  /** Embeds a query for the model of that digest; without it the provider does. */
  embed?: (text: string, modelDigest: string) => Promise<Float32Array | null>;
  randomBytes?: (length: number) => Uint8Array;
  now?: () => number;
}

export interface HttpQueryResult {
  results: GatewayResult[];
  answer: VerifiedAnswer;
  bundle: Bundle;
  /** True when the trust given lists every key that the answer rests on. */
  pinned: boolean;
  /** The keys that it does not list; without trust, all of them. */
  unpinned: readonly Unpinned[];
}

/** A client that reaches the network through a gateway it does not trust. */
export interface HttpClient {
  /** What the gateway lists, read from the statements that each provider signed. */
  indexes(signal?: AbortSignal): Promise<GatewayIndex[]>;
  /**
   * Asks through `POST /v1/relay` with request bytes and nonce made here, and verifies the answer here, as strictly as its file: a gateway
   * that alters question, answer, price or log is found out.
   *
   * @throws ProofError naming the check that failed; RefusalError with the gateway's code; TributaryError INDEX_AMBIGUOUS, TOPK_CAP;
   * ClientError INDEX_NOT_OFFERED, SPEND_CAP, GATEWAY_UNREACHABLE, GATEWAY_RESPONSE
   */
  query(question: Question, options?: { signal?: AbortSignal }): Promise<HttpQueryResult>;
}

interface Session extends HttpClientOptions {
  held: Heads;
}

export function openHttpClient(options: HttpClientOptions): HttpClient {
  const session: Session = { ...options, held: createHeads(options.heads ?? memoryHeads()) };
  return {
    indexes: async (signal) => (await listed(session, signal)).map(toListing),
    query: (question, how) => query(session, question, how?.signal),
  };
}

/** What is asked, in its exact bytes, and the most that it may cost. */
interface Made {
  known: KnownOffer;
  request: { nonce: string; body: string };
  maxCharge: bigint;
  /** Entries of the log that were known when it was asked. */
  headSize: number;
  /** When it was asked, in milliseconds since 1970: an offer that held then holds for its answer. */
  askedAt: number;
}

async function query(session: Session, question: Question, signal?: AbortSignal): Promise<HttpQueryResult> {
  const known = await choose(session, question.index, signal);
  const made = await make(session, known, question);
  if (session.trust) checkPins(session.trust, { ...known, index: known.offer.index, paid: made.maxCharge > 0n });
  const body = { ...made.request, maxCharge: String(made.maxCharge) };
  const reply = await exchange(session, '/v1/relay', body, signal);
  const { bundle } = checkShape(gatewayRelayResult, reply, "the gateway's answer");
  const answer = verify(session, made, bundle);
  await holdToHead(session, made, answer, signal);
  const { unpinned } = answer;
  return { results: toResults(answer), answer, bundle, pinned: unpinned.length === 0, unpinned };
}

async function choose(session: Session, index: string | undefined, signal?: AbortSignal): Promise<KnownOffer> {
  const known = await listed(session, signal);
  const [chosen] = pick(index, known, { trust: session.trust ?? null, allowed: null });
  if (chosen) return chosen;
  if (known.length === 0) throw new ClientError('NO_PROVIDER', 'the gateway knows no index yet; is a provider running?');
  throw new ClientError('INDEX_NOT_OFFERED', unknownIndex(index ?? '', known));
}

async function listed(session: Session, signal?: AbortSignal): Promise<KnownOffer[]> {
  const reply = await exchange(session, '/v1/indexes', null, signal);
  const { indexes } = checkShape(gatewayIndexes, reply, "the gateway's list of indexes");
  return indexes.map((index) => readListing(index, nowOf(session))).filter((known) => known !== null);
}

/** The most that the signed offer lets it cost is the most that it may cost: a dearer offer in its place is refused. */
async function make(session: Session, known: KnownOffer, question: Question): Promise<Made> {
  const { offer } = known;
  const text = textToEmbed(question);
  const vector = text !== null && session.embed ? await session.embed(text, offer.card.model) : null;
  const request = makeRequest(offer, question, vector);
  if (request.topK > offer.limits.topK)
    throw new TributaryError('TOPK_CAP', `topK is ${request.topK}; ${offer.index} gives at most ${offer.limits.topK}`);
  const maxCharge = quoteOf(offer, request.topK);
  if (question.maxCharge !== undefined && maxCharge > question.maxCharge)
    throw new ClientError('SPEND_CAP', `the query may cost ${maxCharge} ${offer.unit}; you allow ${question.maxCharge}`);
  const nonce = toBase64url((session.randomBytes ?? webRandom)(32));
  const headSize = session.held.size(offer.index);
  return { known, request: { nonce, body: writeRequest(request) }, maxCharge, headSize, askedAt: nowOf(session) };
}

/** @throws ProofError */
function verify(session: Session, { known, request, maxCharge, askedAt }: Made, bundle: Bundle): VerifiedAnswer {
  const { failed, verified } = verifyBundle(bundle, {
    now: nowOf(session),
    expected: { request, maxCharge: String(maxCharge), model: known.offer.card.model, askedAt },
    ...(session.trust ? { trust: session.trust, requirePins: true } : {}),
  });
  if (failed || !verified) throw new ProofError(failed?.code ?? 'BUNDLE_SHAPE', failed?.message ?? 'the bundle cannot be read');
  return verified;
}

/** The provider's proof of growth comes through the gateway, which cannot forge one. */
async function holdToHead(
  session: Session,
  { headSize }: Made,
  { offer, snapshot }: VerifiedAnswer,
  signal?: AbortSignal,
): Promise<void> {
  await session.held.hold(offer.index, snapshot, headSize, async ({ first, second }) => {
    const address = `/v1/consistency?index=${encodeURIComponent(offer.index)}&first=${first}&second=${second}`;
    const { hashes } = checkShape(
      gatewayConsistency,
      await exchange(session, address, null, signal),
      "the gateway's consistency proof",
    );
    return hashes.map(fromBase64url);
  });
}

const nowOf = ({ now = Date.now }: Session): number => now();

function webRandom(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length));
}
