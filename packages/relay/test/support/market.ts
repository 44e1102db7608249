// A provider and its customers for tests: fixed keys, a clock that is moved by hand, and a consumer that pays by the rules.
import { channelId, networkOf, quoteOf, receiptHash, signOpenChannel, signVoucher, ticketHash } from '@tributary/proof/payment';
import {
  ed25519PublicKey,
  fromBase64url,
  secp256k1PublicKey,
  sha256,
  toBase64url,
  toHex,
  utf8,
  vectorToBase64url,
  ZERO_HASH,
} from '@tributary/proof/primitives';
import { addressFromPublicKey, didFromPublicKey, makeIndexId, requestHash, writeRequest } from '@tributary/proof/statements';
import type { AskHead, ChannelTerms, HeldVoucher, OpenChannel, Receipt, Request, Ticket } from '@tributary/schemas';
import type { SettleOrder } from '../../src/payments/settle.ts';
import type { OwnOffer } from '../../src/offers/offers.ts';
import type { AskContext, AskOutcome } from '../../src/serve/types.ts';

export const START_MS = 1_800_000_000_000;
const seed = (name: string): Uint8Array => sha256(utf8(`test key of ${name}`));

export const OWNER_SEED = seed('owner');
const ownerKey = ed25519PublicKey(OWNER_SEED);
const OWNER_DID = didFromPublicKey(ownerKey);
export const NETWORK = networkOf(OWNER_DID);
export const RECEIPT_KEY = seed('receipt signer');
export const PAYEE = addressFromPublicKey(secp256k1PublicKey(RECEIPT_KEY));
export const indexIdOf = (name: string): string => makeIndexId(name, ownerKey);

export function handClock(start = START_MS): { now(): number; advance(ms: number): void } {
  let time = start;
  return {
    now: () => time,
    advance(ms) {
      time += ms;
    },
  };
}

export interface Payer {
  readonly key: Uint8Array;
  readonly address: string;
}
export function payerOf(name: string): Payer {
  const key = seed(`payer ${name}`);
  return { key, address: addressFromPublicKey(secp256k1PublicKey(key)) };
}

export function opening(payer: Payer, deposit: bigint, change: Partial<ChannelTerms> & { saltOf?: string } = {}): OpenChannel {
  const { saltOf = 'first', ...terms } = change;
  const all: ChannelTerms = {
    payer: payer.address,
    voucherSigner: payer.address,
    payee: PAYEE,
    salt: toHex(sha256(utf8(saltOf))),
    ...terms,
  };
  return signOpenChannel(
    all,
    { deposit: String(deposit), nonce: toHex(sha256(utf8(`nonce ${saltOf} ${deposit}`))) },
    NETWORK,
    payer.key,
  );
}
export const channelOf = (open: OpenChannel): string => channelId(open.terms, NETWORK);

export const ticketIdOf = (name: string): string => toBase64url(sha256(utf8(name)).subarray(0, 16));

export function voucherFor(channel: string, cumulative: bigint, payer: Payer, ctx = ZERO_HASH): HeldVoucher {
  const fields = { channel, cumulative: String(cumulative), ctx };
  return { cumulative: fields.cumulative, ctx, signature: signVoucher(fields, NETWORK, payer.key) };
}

/** An answered ticket as the serve line hands it to the ledger. */
export function orderFor(
  channel: string,
  name: string,
  charge: bigint,
  voucher: HeldVoucher,
  change: Partial<SettleOrder> = {},
): SettleOrder {
  const hash = toHex(sha256(utf8(name)));
  return {
    channel,
    ticket: ticketIdOf(name),
    deadline: START_MS + 30_000,
    offerHash: hash,
    requestHash: hash,
    responseHash: hash,
    manifestHash: hash,
    snapshot: 1,
    status: charge === 0n ? 'empty' : 'ok',
    charge,
    index: indexIdOf('docs'),
    request: '{}',
    answer: { snapshot: 1, items: [], queryVector: null, statistics: null },
    goneBody: null,
    voucher,
    exposure: null,
    ...change,
  };
}

export function vectorQuestion(index: string, vector: Float32Array, change: Partial<Request> = {}): Request {
  const fields = {
    denseWeight: null,
    text: null,
    vector: vectorToBase64url(vector),
    model: null,
    filter: null,
    minRelevance: 0,
    minSequence: null,
  };
  return { v: 1, type: 'tributary/query', index, namespace: '', topK: 3, mode: 'dense', ...fields, ...change };
}

/** What a test may do wrong with one ask. */
export interface AskChange {
  ticketId?: string;
  maxCharge?: bigint;
  cumulative?: bigint;
  deadline?: number;
  offer?: string;
  channel?: string;
  payment?: null;
  signer?: Payer;
  nonce?: string;
  context?: Partial<AskContext>;
  ticket?: Partial<Ticket>;
}

export interface Consumer {
  readonly channel: string;
  readonly receipts: Receipt[];
  signed(): bigint;
  /** The exact ask, to be sent as often as a test likes. */
  prepare(question: Request, change?: AskChange): { head: AskHead; body: Uint8Array; maxCharge: bigint };
  send(prepared: { head: AskHead; body: Uint8Array }, context?: Partial<AskContext>): Promise<AskOutcome>;
  /** Prepares and sends; a receipt is acknowledged. */
  ask(question: Request, change?: AskChange): Promise<AskOutcome>;
}

interface ConsumerOptions {
  readonly payer: Payer;
  readonly channel: string;
  readonly offer: OwnOffer;
  now(): number;
  send(head: AskHead, body: Uint8Array, context: AskContext): Promise<AskOutcome>;
}

/** Signs `max(signed, acked + R)` for each ask, R the sum of what is in flight (docs/spec/payment.md). */
export function createConsumer({ payer, channel, offer, now, send }: ConsumerOptions): Consumer {
  const receipts: Receipt[] = [];
  const open = new Map<string, bigint>();
  let [signed, acked, ackedReceipt, made] = [0n, 0n, ZERO_HASH, 0];
  const consumer: Consumer = {
    channel,
    receipts,
    signed: () => signed,
    prepare(question, change = {}) {
      made += 1;
      const ticketId = change.ticketId ?? ticketIdOf(`${channel} ${made}`);
      const body = utf8(writeRequest(question));
      const nonce = change.nonce ?? toBase64url(sha256(utf8(`nonce ${ticketId}`)));
      const maxCharge = change.maxCharge ?? quoteOf(offer.offer, question.topK);
      open.set(ticketId, maxCharge);
      const wanted = acked + [...open.values()].reduce((sum, value) => sum + value, 0n);
      if (wanted > signed) signed = wanted;
      const deadline = change.deadline ?? now() + 30_000;
      const ticket: Ticket = {
        channel: change.channel ?? channel,
        id: ticketId,
        offer: change.offer ?? offer.hash,
        request: requestHash(fromBase64url(nonce), body),
        maxCharge: String(maxCharge),
        deadline,
        ackedTotal: String(acked),
        ackedReceipt,
        ...change.ticket,
      };
      const cumulative = String(change.cumulative ?? signed);
      const fields = { channel: ticket.channel, cumulative, ctx: ticketHash(ticket) };
      const voucher = { cumulative, signature: signVoucher(fields, NETWORK, (change.signer ?? payer).key) };
      const payment = change.payment === null ? null : { ticket, voucher };
      return { head: { nonce, offer: change.offer ?? offer.hash, ticketId, deadline, payment }, body, maxCharge };
    },
    async send({ head, body }, context = {}) {
      const outcome = await send(head, body, { peer: 'peer', isOwner: false, ...context });
      if (!open.delete(head.ticketId) || 'refusal' in outcome || head.payment === null) return outcome;
      receipts.push(outcome.receipt);
      acked += BigInt(outcome.receipt.charge);
      ackedReceipt = receiptHash(outcome.receipt, NETWORK);
      return outcome;
    },
    ask: (question, change) => consumer.send(consumer.prepare(question, change), change?.context),
  };
  return consumer;
}

/** Code of a refusal; `answered` when there was none. */
export const codeOf = (outcome: AskOutcome): string => ('refusal' in outcome ? outcome.refusal.code : 'answered');
