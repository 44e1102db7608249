import { ProofError, verifyBundle } from '@tributary/proof';
import type { Unpinned, VerifiedAnswer } from '@tributary/proof';
import { checkShape, gatewayRelayResult } from '@tributary/schemas';
import type { Bundle, GatewayIndex, GatewayResult, Trust } from '@tributary/schemas';
import { unknownIndex } from '../discovery/index-names.ts';
import { pick } from '../discovery/pick.ts';
import type { KnownOffer } from '../discovery/types.ts';
import { ClientError } from '../errors.ts';
import { memoryHeads, type HeadStore } from '../heads/memory-heads.ts';
import { createHeads, type Heads } from '../heads/heads.ts';
import { toResults } from '../query/merge.ts';
import { checkAsked } from '../query/pins.ts';
import { quote, type QuoteContext } from '../query/quote.ts';
import type { Prepared, Question } from '../query/types.ts';
import { exchange, type GatewayCalls } from './gateway-calls.ts';
import { holdToHead } from './hold-to-head.ts';
import { listOffers, toListing } from './listing.ts';
import { ownIndexesClient, type OwnIndexesClient } from './own-indexes.ts';

export interface HttpClientOptions extends GatewayCalls {
  /**
   * Trusted keys. Others are refused; log and payee are checked before anything is sent. Without it, results list what
   * is unpinned.
   */
  trust?: Trust;
  /** Newest seen heads of logs, kept by the caller (`openHeadStore`). Default: in memory. */
  heads?: HeadStore;
  /** Embeds a query with the model of that digest. Without it the provider does. */
  embed?: (text: string, modelDigest: string) => Promise<Float32Array | null>;
  randomBytes?: (length: number) => Uint8Array;
  now?: () => number;
}

export interface HttpQueryResult {
  results: GatewayResult[];
  answer: VerifiedAnswer;
  bundle: Bundle;
  /** True when the given trust lists every key that the answer depends on. */
  pinned: boolean;
  /** The keys that it does not list; all of them when no trust was given. */
  unpinned: readonly Unpinned[];
}

/** A client that reaches the network through an untrusted gateway. */
export interface HttpClient extends OwnIndexesClient {
  /** The indexes that the gateway lists, read from the statements that each provider signed. */
  indexes(signal?: AbortSignal): Promise<GatewayIndex[]>;
  /**
   * Asks through `POST /v1/relay` with request bytes and nonce made here, and verifies the answer here, as strictly as
   * a proof file. So a gateway cannot alter question, answer, price or log unnoticed.
   *
   * @throws ProofError with the failed check; RefusalError with the gateway's code; TributaryError INDEX_AMBIGUOUS,
   *   TOPK_CAP; ClientError INDEX_NOT_OFFERED, SPEND_CAP, GATEWAY_UNREACHABLE, GATEWAY_RESPONSE
   */
  query(question: Question, options?: { signal?: AbortSignal }): Promise<HttpQueryResult>;
}

interface Session extends GatewayCalls, QuoteContext {
  trust: Trust | null;
  held: Heads;
}

export function openHttpClient(options: HttpClientOptions): HttpClient {
  const { trust = null, embed = null, now = Date.now, randomBytes = webRandom } = options;
  const held = createHeads(options.heads ?? memoryHeads());
  const session: Session = { ...options, trust, embed, now, randomBytes, owner: null, held, verifier: { headSize: held.size } };
  return {
    indexes: async (signal) => (await listOffers(session, now(), signal)).map(toListing),
    query: (question, how) => query(session, question, how?.signal),
    ...ownIndexesClient(options),
  };
}

async function query(session: Session, question: Question, signal?: AbortSignal): Promise<HttpQueryResult> {
  const known = await choose(session, question.index, signal);
  const prepared = await quote(known, question, session);
  const askedAt = session.now(); // an offer that was valid then is valid for its answer
  checkAsked(prepared, session);
  const { nonce, bodyText } = prepared;
  const body = { nonce, body: bodyText, maxCharge: String(prepared.quote) };
  const reply = await exchange(session, '/v1/relay', body, { signal });
  const { bundle } = checkShape(gatewayRelayResult, reply, "the gateway's answer");
  const answer = verify(session, prepared, bundle, askedAt);
  await holdToHead(session.held, answer, prepared.headSize, session, signal);
  const { unpinned } = answer;
  return { results: toResults(answer), answer, bundle, pinned: unpinned.length === 0, unpinned };
}

async function choose(session: Session, index: string | undefined, signal?: AbortSignal): Promise<KnownOffer> {
  const known = await listOffers(session, session.now(), signal);
  const [chosen] = pick(index, known, { trust: session.trust, allowed: null });
  if (chosen) return chosen;
  if (known.length === 0) throw new ClientError('NO_PROVIDER', 'the gateway knows no index yet; is a provider running?');
  throw new ClientError('INDEX_NOT_OFFERED', unknownIndex(index ?? '', known));
}

/**
 * The charge may be at most what the signed offer allows, so a more expensive offer in its place is refused.
 *
 * @throws ProofError
 */
function verify(session: Session, prepared: Prepared, bundle: Bundle, askedAt: number): VerifiedAnswer {
  const { known, nonce, bodyText, quote: most } = prepared;
  const request = { nonce, body: bodyText };
  const { failed, verified } = verifyBundle(bundle, {
    now: session.now(),
    expected: { request, maxCharge: String(most), model: known.offer.card.model, askedAt },
    ...(session.trust ? { trust: session.trust, requirePins: true } : {}),
  });
  if (failed || !verified) throw new ProofError(failed?.code ?? 'BUNDLE_SHAPE', failed?.message ?? 'the bundle cannot be read');
  return verified;
}

const webRandom = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));
