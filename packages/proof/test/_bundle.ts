// A provider and a client in one file. It makes real bundles, and dishonest ones that are signed as a lying provider
// could sign them.
import type {
  Bundle,
  ChannelTerms,
  Manifest,
  Offer,
  ProviderIdentity,
  QueryMode,
  Receipt,
  Request,
  Ticket,
  WholeAnswer,
} from '@tributary/schemas';
import { MODE_PARTS } from '@tributary/schemas';
import { answerOf } from './_answers.ts';
import { sealAnswer } from './_whole.ts';
import { ZERO_HASH } from '../src/bytes.ts';
import { channelId, chargeOf, networkOf, quoteOf, signOffer, signReceipt, signVoucher, ticketHash } from '../src/payment.ts';
import {
  fromBase64url,
  secp256k1PublicKey,
  sparseToBase64url,
  toBase64url,
  toHex,
  utf8,
  vectorToBase64url,
} from '../src/primitives.ts';
import { TAG_MANIFEST, addressFromPublicKey, requestHash, responseHash, signIdentity, statementHash } from '../src/statements.ts';
import { INDEX, MODEL, OWNER, START, buildIndex, ownerKey, seed, sparseOf, vectorOf, type TestIndex } from './_index.ts';

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
  answer?: (answer: WholeAnswer) => WholeAnswer;
  /** The text of the answer, with the names of its records. */
  response?: (response: string) => string;
  /** The records that are delivered. Nothing signs them. */
  records?: (records: Bundle['records']) => Bundle['records'];
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
    vector: MODE_PARTS[mode].dense ? vectorToBase64url(vectorOf('question')) : null,
    model: MODE_PARTS[mode].dense ? MODEL : null,
    filter: { year: { $gte: 2005 }, topic: { $ne: 'salmon runs' } },
    minRelevance: 0.01,
    minSequence: 2,
    ...(MODE_PARTS[mode].sparse ? { sparse: sparseToBase64url(sparseOf('question')) } : {}),
  };
}

/** A bundle; `free` ones carry no payment. */
export function makeTestBundle(
  options: { free?: boolean; mode?: QueryMode; index?: TestIndex; nonce?: string } & Alterations = {},
): Bundle {
  const { free = false, index = buildIndex() } = options;
  const identity = signIdentity((options.identity ?? same)(identityOf()), { owner: ownerKey, payee: payeeKey });
  const offer = (options.offer ?? same)(offerOf(identity.hash, free, index.manifest));
  const { hash: offerHash, ...signedOffer } = signOffer(offer, receiptKey);
  const request = (options.request ?? same)(requestOf(options.mode));
  const { nonce = toBase64url(seed('nonce')) } = options;
  const body = JSON.stringify(request);
  const answer = (options.answer ?? same)(answerOf(request, index));
  const sealed = sealAnswer(answer);
  const response = (options.response ?? same)(sealed.response);
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
    records: (options.records ?? same)(sealed.records),
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

function chargeFor(answer: WholeAnswer, offer: Offer, ticketMaxCharge: string): string {
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

function offerOf(identity: string, free: boolean, { dimension, metric, vectors }: Manifest): Offer {
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
      dimension,
      metric,
      vectors,
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
