// Bundles of sold vectors, honest ones and those that a lying provider could sign.
import type { EmbeddingBundle, EmbeddingOffer, Embeddings, EmbedRequest, Receipt, Ticket } from '@tributary/schemas';
import { ZERO_HASH } from '../src/bytes.ts';
import {
  channelId,
  embeddingPriceOf,
  signEmbeddingOffer,
  signReceipt,
  signVoucher,
  textBytesOf,
  ticketHash,
} from '../src/payment.ts';
import { fromBase64url, toBase64url, toHex, vectorToBase64url } from '../src/primitives.ts';
import { readIdentity, requestHash, responseHash, signIdentity } from '../src/statements.ts';
import { addressOf, makeTestBundle, payeeKey, receiptKey, SERVED_AT } from './_bundle.ts';
import { DIMENSION, MODEL, ownerKey, seed, START, vectorOf } from './_index.ts';

/** What a test may falsify before it is signed. Each function gets the honest value. */
export interface EmbeddingLies {
  free?: boolean;
  offer?: (offer: EmbeddingOffer) => EmbeddingOffer;
  request?: (request: EmbedRequest) => EmbedRequest;
  answer?: (answer: Embeddings) => Embeddings;
  ticket?: (ticket: Ticket) => Ticket;
  receipt?: (receipt: Omit<Receipt, 'signature'>) => Omit<Receipt, 'signature'>;
}
const same = <T>(value: T): T => value;

export function makeEmbeddingBundle(lies: EmbeddingLies = {}): EmbeddingBundle {
  const { identity } = readIdentity(makeTestBundle().identity);
  const signed = signIdentity(identity, { owner: ownerKey, payee: payeeKey });
  const offer = (lies.offer ?? same)(offerOf(signed.hash, lies.free ?? false));
  const { hash: offerHash, ...signedOffer } = signEmbeddingOffer(offer, receiptKey);
  const request = (lies.request ?? same)({
    v: 1,
    type: 'tributary/embed',
    model: MODEL,
    kind: 'document',
    texts: ['spring floods', 'the délta of the river'],
  });
  const body = JSON.stringify(request);
  const vectors = request.texts.map((text) => vectorToBase64url(vectorOf(text)));
  const answer = (lies.answer ?? same)({
    v: 1,
    type: 'tributary/embeddings',
    model: request.model,
    weights: 'q8',
    tokens: 9,
    vectors,
  });
  const response = JSON.stringify(answer);
  const nonce = toBase64url(seed('nonce'));
  const asked = requestHash(fromBase64url(nonce), body);
  const price = embeddingPriceOf(offer.price, request.texts.length, textBytesOf(request.texts));
  const payment = lies.free === true ? null : paymentOf(offer, offerHash, asked, String(price), lies.ticket ?? same);
  const receipt = (lies.receipt ?? same)({
    channel: payment?.ticket.channel ?? ZERO_HASH,
    ticket: toBase64url(seed('ticket').subarray(0, 16)),
    sequence: payment === null ? 0 : 4,
    requestHash: asked,
    responseHash: responseHash(response),
    offerHash,
    manifestHash: ZERO_HASH,
    snapshot: 0,
    status: 'ok',
    charge: payment === null ? '0' : String(price),
    chargedTotal: payment === null ? '0' : String(321n + price),
    servedAt: SERVED_AT,
    previous: payment === null ? ZERO_HASH : toHex(seed('receipt before')),
  });
  return {
    v: 1,
    type: 'tributary/embedding-bundle',
    request: { nonce, body },
    response,
    receipt: signReceipt(receipt, offer.network, receiptKey),
    payment,
    offer: signedOffer,
    identity: signed.signed,
  };
}

function offerOf(identity: string, free: boolean): EmbeddingOffer {
  const { network } = JSON.parse(makeTestBundle().offer.body) as EmbeddingOffer;
  const price = free ? { base: '0', perText: '0', perKiB: '0' } : { base: '5', perText: '2', perKiB: '3' };
  return {
    v: 1,
    type: 'tributary/embedding-offer',
    identity,
    model: { id: 'test/bag-of-topics', digest: MODEL, dimension: DIMENSION, maxTokens: 512, languages: ['en'] },
    price,
    unit: 'credit',
    network,
    limits: { texts: 8, textBytes: 4_096, requestsPerMinute: 60 },
    credit: '0',
    maxInFlight: 4,
    maxCharge: String(embeddingPriceOf(price, 8, 4_096)),
    answerKeepMs: 600_000,
    deadlineMaxMs: 30_000,
    issued: START,
    expiry: START + 86_400_000,
  };
}

function paymentOf(
  offer: EmbeddingOffer,
  offerHash: string,
  asked: string,
  maxCharge: string,
  alter: (ticket: Ticket) => Ticket,
) {
  const payer = seed('payer');
  const terms = {
    payer: addressOf(payer),
    voucherSigner: addressOf(payer),
    payee: addressOf(payeeKey),
    salt: toHex(seed('channel')),
  };
  const ticket = alter({
    channel: channelId(terms, offer.network),
    id: toBase64url(seed('ticket').subarray(0, 16)),
    offer: offerHash,
    request: asked,
    maxCharge,
    deadline: SERVED_AT + 10_000,
    ackedTotal: '321',
    ackedReceipt: toHex(seed('receipt before')),
  });
  const cumulative = String(321n + BigInt(ticket.maxCharge));
  const fields = { channel: ticket.channel, cumulative, ctx: ticketHash(ticket) };
  return { terms, ticket, voucher: { cumulative, signature: signVoucher(fields, offer.network, payer) } };
}
