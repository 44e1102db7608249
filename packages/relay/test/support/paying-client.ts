// A client that pays by the rules, for tests of the serve line.
import { quoteOf, receiptHash, signVoucher, ticketHash } from '@tributary/proof/payment';
import { fromBase64url, sha256, toBase64url, utf8, vectorToBase64url, ZERO_HASH } from '@tributary/proof/primitives';
import { requestHash, writeRequest } from '@tributary/proof/statements';
import type { AskHead, Offer, Receipt, Request, Ticket } from '@tributary/schemas';
import type { OwnOffer } from '../../src/offers/shelf.ts';
import type { AskContext, AskOutcome } from '../../src/serve/types.ts';
import { NETWORK, type Payer, ticketIdOf } from '../../src/testing/ledger-fixture.ts';

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

/** What a test may do wrong in one ask. */
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

export interface PayingClient<Question = Request> {
  readonly channel: string;
  readonly receipts: Receipt[];
  signed(): bigint;
  /** The exact ask, which a test may send any number of times. */
  prepare(question: Question, change?: AskChange): { head: AskHead; body: Uint8Array; maxCharge: bigint };
  send(prepared: { head: AskHead; body: Uint8Array }, context?: Partial<AskContext>): Promise<AskOutcome>;
  /** Prepares and sends; a receipt is acknowledged. */
  ask(question: Question, change?: AskChange): Promise<AskOutcome>;
}

interface BuyerOptions<Question> {
  readonly payer: Payer;
  readonly channel: string;
  readonly offer: { readonly hash: string };
  /** The exact text of a request, and the most that it may cost. */
  write(question: Question): { text: string; quote: bigint };
  now(): number;
  send(head: AskHead, body: Uint8Array, context: AskContext): Promise<AskOutcome>;
}

interface PayingClientOptions extends Omit<BuyerOptions<Request>, 'offer' | 'write'> {
  readonly offer: OwnOffer<Offer>;
}

/** A payer who asks an index. */
export function createPayingClient({ offer, ...rest }: PayingClientOptions): PayingClient {
  const write = (asked: Request) => ({ text: writeRequest(asked), quote: quoteOf(offer.offer, asked.topK) });
  return createBuyer({ ...rest, offer, write });
}

/** Signs `max(signed, acked + R)` for each ask, where R is the sum of what is in flight (docs/spec/payment.md). */
export function createBuyer<Question>(options: BuyerOptions<Question>): PayingClient<Question> {
  const { payer, channel, offer, write, now, send } = options;
  const receipts: Receipt[] = [];
  const open = new Map<string, bigint>();
  let [signed, acked, ackedReceipt, made] = [0n, 0n, ZERO_HASH, 0];
  const client: PayingClient<Question> = {
    channel,
    receipts,
    signed: () => signed,
    prepare(question, change = {}) {
      made += 1;
      const ticketId = change.ticketId ?? ticketIdOf(`${channel} ${made}`);
      const { text, quote } = write(question);
      const body = utf8(text);
      const nonce = change.nonce ?? toBase64url(sha256(utf8(`nonce ${ticketId}`)));
      const maxCharge = change.maxCharge ?? quote;
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
    ask: (question, change) => client.send(client.prepare(question, change), change?.context),
  };
  return client;
}

/** Code of a refusal; `answered` when there was none. */
export const codeOf = (outcome: AskOutcome): string => ('refusal' in outcome ? outcome.refusal.code : 'answered');
