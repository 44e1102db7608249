// A provider and a client in one file. It makes real bundles, and dishonest ones that are signed as a lying provider
// could sign them.
import type {
  Answer,
  Bundle,
  ChannelTerms,
  Metric,
  Offer,
  ProviderIdentity,
  QueryMode,
  Receipt,
  Request,
  ResultItem,
  Statistics,
  Ticket,
} from '@tributary/schemas';
import { searchText } from '@tributary/schemas';
import { ZERO_HASH } from '../src/bytes.ts';
import { compileFilter } from '../src/filter/compile.ts';
import { inclusionPath } from '../src/testing/inclusion-path.ts';
import { channelId, chargeOf, networkOf, quoteOf, signOffer, signReceipt, signVoucher, ticketHash } from '../src/payment.ts';
import {
  fromBase64url,
  secp256k1PublicKey,
  toBase64url,
  toHex,
  utf8,
  vectorFromBase64url,
  vectorToBase64url,
} from '../src/primitives.ts';
import { bm25, bm25Query, compareResults, denseScore, queryTerms, scoreOf, termCounts, terms } from '../src/ranking.ts';
import {
  TAG_MANIFEST,
  addressFromPublicKey,
  discloseRecord,
  requestHash,
  responseHash,
  signIdentity,
  statementHash,
} from '../src/statements.ts';
import {
  DIMENSION,
  INDEX,
  MODEL,
  OWNER,
  START,
  buildIndex,
  ownerKey,
  seed,
  vectorOf,
  type Held,
  type TestIndex,
} from './_index.ts';

export const receiptKey = seed('receipt signer');
export const payeeKey = seed('payee');
const payerKey = seed('payer');
export const addressOf = (key: Uint8Array): string => addressFromPublicKey(secp256k1PublicKey(key));
const NETWORK = networkOf(OWNER);
export const SERVED_AT = START + 60_000;
const DAY = 86_400_000;

/** What a test may falsify before it is signed. Each function gets the honest value. */
export interface Alterations {
  identity?: (identity: ProviderIdentity) => ProviderIdentity;
  offer?: (offer: Offer) => Offer;
  request?: (request: Request) => Request;
  answer?: (answer: Answer) => Answer;
  terms?: (terms: ChannelTerms) => ChannelTerms;
  ticket?: (ticket: Ticket) => Ticket;
  receipt?: (receipt: Omit<Receipt, 'signature'>) => Omit<Receipt, 'signature'>;
  cumulative?: string;
}
const same = <T>(value: T): T => value;

export function requestOf(mode: QueryMode = 'hybrid'): Request {
  return {
    v: 1,
    type: 'tributary/query',
    index: INDEX,
    namespace: '',
    topK: 5,
    mode,
    denseWeight: mode === 'hybrid' ? 0.6 : null,
    text: 'spring floods of the river deltas',
    vector: mode === 'bm25' ? null : vectorToBase64url(vectorOf('question')),
    model: mode === 'bm25' ? null : MODEL,
    filter: { year: { $gte: 2005 }, topic: { $ne: 'salmon runs' } },
    minRelevance: 0.01,
    minSequence: 2,
  };
}

/** A bundle; `free` ones carry no payment. */
export function makeTestBundle(
  options: { free?: boolean; mode?: QueryMode; index?: TestIndex; nonce?: string } & Alterations = {},
): Bundle {
  const { free = false, index = buildIndex() } = options;
  const identity = signIdentity((options.identity ?? same)(identityOf()), { owner: ownerKey, payee: payeeKey });
  const offer = (options.offer ?? same)(offerOf(identity.hash, free, index.manifest.metric));
  const { hash: offerHash, ...signedOffer } = signOffer(offer, receiptKey);
  const request = (options.request ?? same)(requestOf(options.mode));
  const { nonce = toBase64url(seed('nonce')) } = options;
  const body = JSON.stringify(request);
  const answer = (options.answer ?? same)(answerOf(request, index));
  const response = JSON.stringify(answer);
  const asked = requestHash(fromBase64url(nonce), body);
  const payment = free ? null : paymentOf(options, offer, offerHash, request, asked);
  const receipt = (options.receipt ?? same)({
    channel: payment?.ticket.channel ?? ZERO_HASH,
    ticket: toBase64url(seed('ticket').subarray(0, 16)),
    sequence: free ? 0 : 4,
    requestHash: asked,
    responseHash: responseHash(response),
    offerHash,
    manifestHash: statementHash(TAG_MANIFEST, index.manifestBody),
    snapshot: answer.snapshot,
    status: answer.status,
    charge: chargeFor(answer, offer, payment?.ticket.maxCharge ?? '0'),
    chargedTotal: free ? '0' : String(321n + BigInt(chargeFor(answer, offer, payment!.ticket.maxCharge))),
    servedAt: SERVED_AT,
    previous: free ? ZERO_HASH : toHex(seed('receipt before')),
  });
  return {
    v: 1,
    type: 'tributary/bundle',
    request: { nonce, body },
    response,
    receipt: signReceipt(receipt, offer.network, receiptKey),
    payment,
    offer: signedOffer,
    identity: identity.signed,
    manifest: index.manifestBody,
    log: index.log,
    witnesses: [],
    writes: [...new Set(answer.results.map(({ write }) => write))].flatMap((hash) => index.writes.get(hash) ?? []),
  };
}

function chargeFor(answer: Answer, offer: Offer, ticketMaxCharge: string): string {
  const textBytes = answer.results.reduce((sum, { shown }) => sum + utf8(shown.text.value).length, 0);
  return String(chargeOf(offer, { status: answer.status, results: answer.results.length, textBytes, ticketMaxCharge }));
}

function identityOf(): ProviderIdentity {
  return {
    v: 1,
    type: 'tributary/identity',
    did: OWNER,
    peerId: '12D3KooWTestPeer',
    receiptSigner: addressOf(receiptKey),
    payee: addressOf(payeeKey),
    sequence: 1,
    issued: START,
    expiry: START + DAY,
  };
}

function offerOf(identity: string, free: boolean, metric: Metric): Offer {
  return {
    v: 1,
    type: 'tributary/offer',
    identity,
    index: INDEX,
    visibility: 'listed',
    card: {
      title: 'Rivers',
      description: 'Reports on rivers',
      licence: 'CC-BY-4.0',
      records: 39,
      model: MODEL,
      modelId: 'test/bag-of-topics',
      languages: ['en'],
      dimension: DIMENSION,
      metric,
    },
    price: free
      ? { base: '0', perResult: '0', perKiB: '0', empty: '0' }
      : { base: '100', perResult: '10', perKiB: '7', empty: '0' },
    unit: 'credit',
    network: NETWORK,
    limits: { topK: 20, queriesPerMinute: 60, exposurePerChannel: null, exposurePerEpoch: 1_000, epochMs: DAY },
    credit: '0',
    maxInFlight: 4,
    maxCharge: '1000',
    answerKeepMs: 600_000,
    deadlineMaxMs: 30_000,
    hiding: 'none',
    issued: START,
    expiry: START + DAY,
  };
}

function paymentOf(options: Alterations, offer: Offer, offerHash: string, request: Request, asked: string): Bundle['payment'] {
  const honest = {
    payer: addressOf(payerKey),
    voucherSigner: addressOf(payerKey),
    payee: addressOf(payeeKey),
    salt: toHex(seed('channel')),
  };
  const channelTerms = (options.terms ?? same)(honest);
  const ticket = (options.ticket ?? same)({
    channel: channelId(channelTerms, offer.network),
    id: toBase64url(seed('ticket').subarray(0, 16)),
    offer: offerHash,
    request: asked,
    maxCharge: String(quoteOf(offer, request.topK)),
    deadline: SERVED_AT + 10_000,
    ackedTotal: '321',
    ackedReceipt: toHex(seed('receipt before')),
  });
  const cumulative = options.cumulative ?? String(321n + BigInt(ticket.maxCharge));
  const fields = { channel: ticket.channel, cumulative, ctx: ticketHash(ticket) };
  return { terms: channelTerms, ticket, voucher: { cumulative, signature: signVoucher(fields, offer.network, payerKey) } };
}

function answerOf(request: Request, index: TestIndex): Answer {
  const { manifest } = index;
  const { metric } = manifest;
  const live = [...index.held.values()].filter(({ record }) => record.namespace === request.namespace);
  const statistics = request.mode === 'dense' ? null : statisticsOf(request, live);
  const query = queryOf(request);
  const test = compileFilter(request.filter);
  const keywords = statistics && bm25Query(statistics, queryTerms(request.text!));
  const dense = (held: Held) => (request.mode === 'bm25' ? null : denseScore(metric, query, held.record.vector));
  const results = live
    .filter(({ record }) => test(record.metadata))
    .map((held) => ({ held, slot: held.slot, ...scoresOf(held, dense(held), keywords, { ...request, metric }) }))
    .filter(({ bm25: keywordScore }) => request.mode !== 'bm25' || keywordScore !== 0)
    .filter(({ relevance }) => !(relevance < request.minRelevance))
    .sort(compareResults(request.mode, metric))
    .slice(0, request.topK)
    .map(({ held }) => resultOf(held, index, dense(held), keywords, request));
  return {
    v: 1,
    type: 'tributary/answer',
    status: results.length > 0 ? 'ok' : 'empty',
    index: INDEX,
    snapshot: manifest.sequence,
    manifest: statementHash(TAG_MANIFEST, index.manifestBody),
    mode: request.mode,
    queryVector: request.vector === null && request.mode !== 'bm25' ? vectorToBase64url(query) : null,
    statistics,
    results,
  };
}

/** The vector of the question; the usual one if a test sends one that no provider can use. */
function queryOf({ vector }: Request): Float32Array {
  const sent = vector === null ? null : vectorFromBase64url(vector);
  return sent?.length === DIMENSION && sent.every(Number.isFinite) ? sent : vectorOf('question');
}

function statisticsOf(request: Request, live: readonly Held[]): Statistics {
  const lists = live.map(({ record }) => terms(searchText(record)));
  const documents = (term: string) => lists.filter((list) => list.includes(term)).length;
  return {
    records: live.length,
    averageLength: lists.reduce((sum, { length }) => sum + length, 0) / live.length,
    terms: Object.fromEntries([...queryTerms(request.text!).keys()].map((term) => [term, documents(term)])),
  };
}

function scoresOf(
  held: Held,
  dense: number | null,
  keywords: ReturnType<typeof bm25Query> | null,
  { mode, denseWeight, metric }: Pick<Request, 'mode' | 'denseWeight'> & { metric: Metric },
) {
  const list = terms(searchText(held.record));
  const keywordScore = keywords && bm25(keywords, termCounts(list), list.length);
  const parts = { mode, metric, denseWeight, dense, bm25: keywordScore, bound: keywords?.bound ?? 0 };
  return { bm25: keywordScore, ...scoreOf(parts) };
}

export function resultOf(
  held: Held,
  index: TestIndex,
  dense: number | null,
  keywords: ReturnType<typeof bm25Query> | null,
  request: Pick<Request, 'mode' | 'denseWeight'>,
): ResultItem {
  const { commitments, shown } = discloseRecord(held.record, held.salt, MODEL);
  const path = index.slots.path(held.slot).map(toBase64url);
  const writePath = inclusionPath(index.entries.get(held.write)!, held.writeIndex).map(toBase64url);
  const { slot, write, writeIndex } = held;
  const { score, relevance, bm25: keywordScore } = scoresOf(held, dense, keywords, { ...request, metric: index.manifest.metric });
  return { slot, score, dense, bm25: keywordScore, relevance, commitments, shown, path, write, writeIndex, writePath };
}
