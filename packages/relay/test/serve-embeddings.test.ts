// The serve line for embeddings: a real model, a real ledger, payment by the rules.
import { fileURLToPath } from 'node:url';
import { embeddingPriceOf, textBytesOf } from '@tributary/proof/payment';
import { fromUtf8, utf8, ZERO_HASH } from '@tributary/proof/primitives';
import { readEmbeddings, responseHash, writeEmbedRequest } from '@tributary/proof/statements';
import { embeddingSale, type EmbeddingOffer, type EmbedRequest } from '@tributary/schemas';
import { answerKeepMs, openEmbedder, type Embedder } from '@tributary/store';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createOffers } from '../src/offers/offers.ts';
import type { OwnOffer } from '../src/offers/shelf.ts';
import type { Ledger } from '../src/payments/ledger.ts';
import { openLedger } from '../src/payments/open-ledger.ts';
import { readEmbeddingPolicy, type EmbeddingPolicy } from '../src/policy/embedding-policy.ts';
import { ticketRepeatsMax } from '../src/serve/limits.ts';
import { createServe, type Serve } from '../src/serve/serve.ts';
import type { ServeEvent } from '../src/serve/types.ts';
import { channelOf, handClock, ledgerOptions, opening, PAYEE, payerOf, RECEIPT_KEY } from '../src/testing/ledger-fixture.ts';
import { memoryDisk } from './support/memory-disk.ts';
import { codeOf, createBuyer } from './support/paying-client.ts';
import { answered } from './support/provider-fixture.ts';

const modelDirectory = fileURLToPath(new URL('../../../models/bge-small-en-v1.5', import.meta.url));
const clock = handClock(Date.now());
const disk = memoryDisk();
const events: ServeEvent[] = [];
const faults: unknown[] = [];
let embedder: Embedder;
let ledger: Ledger;
let serve: Serve;
let offer: OwnOffer<EmbeddingOffer>;
let model: { embedder: Embedder; policy: EmbeddingPolicy };
let payers = 0;

async function open(change: Partial<EmbeddingPolicy> = {}): Promise<void> {
  ledger = await openLedger({ ...ledgerOptions, disk, now: clock.now });
  const receipt = { privateKey: RECEIPT_KEY, address: PAYEE };
  const offers = await createOffers({ ledger, receipt, unit: 'credit', now: clock.now });
  const policy = { ...(await readEmbeddingPolicy('2')), price: { base: '5', perText: '2', perKiB: '3' }, ...change };
  model = { embedder, policy };
  offer = await offers.updateEmbedding({ identity: ZERO_HASH, model: embedder, policy });
  const sold = { ...model, offers: offers.ofModel(embedder.digest) };
  const observe = (event: ServeEvent) => void events.push(event);
  const fault = (error: unknown) => void faults.push(error);
  serve = createServe({
    indexes: { find: () => null },
    model: sold,
    ledger,
    receipt,
    unit: 'credit',
    now: clock.now,
    observe,
    fault,
  });
}

async function payingClient(deposit = 10_000n) {
  payers += 1;
  const payer = payerOf(`payer ${payers}`);
  await ledger.grant({ payer: payer.address, amount: deposit, note: '' });
  const opened = opening(payer, deposit);
  await serve.channels.open(opened);
  const { price } = offer.offer;
  return createBuyer<EmbedRequest>({
    payer,
    channel: channelOf(opened),
    offer,
    write: (asked) => ({
      text: writeEmbedRequest(asked),
      quote: embeddingPriceOf(price, asked.texts.length, textBytesOf(asked.texts)),
    }),
    now: clock.now,
    send: (...asked) => serve.ask(...asked),
  });
}

const texts = (...list: string[]): EmbedRequest => ({
  v: 1,
  type: 'tributary/embed',
  model: embedder.digest,
  kind: 'document',
  texts: list,
});

beforeAll(async () => {
  embedder = await openEmbedder({ modelDirectory, workers: 1 });
});
beforeEach(() => open());
afterEach(async () => {
  await serve.drain();
  await ledger.close();
  expect(faults).toEqual([]);
});
afterAll(() => embedder.close());

describe('serve: embeddings', () => {
  test('gives vectors for the price of the texts, with a receipt that names no index', async () => {
    const alice = await payingClient();
    const { receipt, body } = answered(await alice.ask(texts('spring flood', 'ferry')));
    const answer = readEmbeddings(fromUtf8(body));
    const own = await embedder.embed(['spring flood', 'ferry'], 'document');
    expect(answer).toMatchObject({ model: embedder.digest, weights: embedder.device.weights, tokens: 7 });
    expect(answer.vectors).toEqual(own.map((vector) => Buffer.from(vector.buffer).toString('base64url')));
    expect(receipt).toMatchObject({
      charge: String(5 + 2 * 2 + 3),
      manifestHash: ZERO_HASH,
      snapshot: 0,
      status: 'ok',
      offerHash: offer.hash,
      responseHash: responseHash(body),
    });
    const sale = embeddingSale(embedder.digest);
    expect(ledger.earnings().at(-1)).toMatchObject({ index: sale, answers: 1, charged: 12n });
    expect(events.at(-1)).toMatchObject({ kind: 'answer', index: sale, charge: 12n, texts: 2, shown: 0 });
  });

  test('puts the prefix of a question before texts of the kind query', async () => {
    const alice = await payingClient();
    const vectorOf = async (kind: 'query' | 'document') =>
      readEmbeddings(answered(await alice.ask({ ...texts('ferry'), kind })).body).vectors[0];
    expect(await vectorOf('query')).not.toBe(await vectorOf('document'));
  });

  test('never charges a ticket twice: the same receipt and bytes come again, after a restart and without the model', async () => {
    const alice = await payingClient();
    const prepared = alice.prepare(texts('trout'));
    const [one, copy] = await Promise.all([alice.send(prepared), alice.send(prepared)]);
    const first = answered(one);
    expect(answered(copy)).toEqual(first);
    const before = ledger.risk();
    await serve.drain();
    await ledger.close();
    await open({ allow: [payerOf('nobody').address] });
    const receipt = { privateKey: RECEIPT_KEY };
    serve = createServe({ indexes: { find: () => null }, ledger, receipt, unit: 'credit', now: clock.now });
    expect(codeOf(await alice.ask(texts('mill')))).toBe('MODEL_NOT_FOUND');
    for (let times = 0; times < ticketRepeatsMax; times += 1) expect(answered(await alice.send(prepared))).toEqual(first);
    expect(codeOf(await alice.send(prepared))).toBe('TICKET_OVER');
    expect(ledger.risk()).toEqual(before);
    const other = { ...prepared, body: utf8(fromUtf8(prepared.body).replace('trout', 'sprat')) };
    expect(codeOf(await alice.send(other))).toBe('VOUCHER_INVALID');
    clock.advance(answerKeepMs + 60_000);
    await ledger.prune();
    await ledger.prune();
    expect(codeOf(await alice.send(prepared))).toBe('TICKET_OVER');
  });

  test('are dated when the request was admitted, wherever the clock goes until the charge', async () => {
    const alice = await payingClient();
    const settle = ledger.settle.bind(ledger);
    ledger.settle = (...args) => {
      clock.advance(9 * 86_400_000);
      return settle(...args);
    };
    const asked = clock.now();
    expect(answered(await alice.ask(texts('ferry'))).receipt.servedAt).toBe(asked);
    clock.advance(-9 * 86_400_000);
  });

  test('charges nothing for what it refuses', async () => {
    const alice = await payingClient(1_000n);
    const refused: [string, EmbedRequest, object?][] = [
      ['EMBEDDING_CAP', texts(...Array(4).fill('é'.repeat(32_000)))],
      ['TEXT_TOO_LONG', texts('river '.repeat(600))],
      ['MODEL_NOT_FOUND', { ...texts('a'), model: '0'.repeat(64) }],
      ['MAX_CHARGE_TOO_LOW', texts('a'), { maxCharge: 9n }],
      ['OFFER_UNKNOWN', texts('a'), { offer: '0'.repeat(64) }],
      ['PAYMENT_NEEDED', texts('a'), { payment: null }],
      ['DEADLINE', texts('a'), { deadline: clock.now() }],
      ['DEADLINE', texts('a'), { deadline: clock.now() + 60_001 }],
      ['VOUCHER_INSUFFICIENT', texts('a'), { cumulative: 9n }],
      ['CREDIT_INSUFFICIENT', texts('a'), { maxCharge: 1_001n }],
    ];
    for (const [code, asked, change] of refused) expect([code, codeOf(await alice.ask(asked, change))]).toEqual([code, code]);
    const broken = alice.prepare(texts('a'));
    expect(codeOf(await alice.send({ ...broken, body: utf8(`${fromUtf8(broken.body)} `) }))).toBe('QUERY_INVALID');
    expect(ledger.channel(alice.channel)).toMatchObject({ charged: 0n, sequence: 0 });
  });

  test('keeps the terms of its policy: rate, unpaid work, allow-list, requests at the same time', async () => {
    await serve.drain();
    await ledger.close();
    await open({ requestsPerMinute: 2, maxInFlight: 1 });
    const alice = await payingClient();
    const [a, b] = [alice.prepare(texts('a')), alice.prepare(texts('b'))];
    const codes = (await Promise.all([alice.send(a), alice.send(b)])).map(codeOf);
    expect(codes).toEqual(['answered', 'IN_FLIGHT_CAP']);
    expect(codeOf(await alice.ask(texts('c')))).toBe('RATE_LIMITED');
    await serve.drain();
    await ledger.close();
    await open({ unpaidPerMinute: 1, allow: ['peer'] });
    const bob = await payingClient();
    expect(codeOf(await bob.ask(texts('a'), { context: { peer: 'other' } }))).toBe('NOT_ALLOWED');
    expect(codeOf(await bob.ask(texts('river '.repeat(600))))).toBe('TEXT_TOO_LONG');
    expect(codeOf(await bob.ask(texts('a')))).toBe('RATE_LIMITED');
  });

  test('asks its owner for nothing, and nobody for a free offer', async () => {
    const alice = await payingClient();
    const free = answered(await alice.ask(texts('a'), { payment: null, context: { isOwner: true } }));
    expect(free.receipt).toMatchObject({ channel: ZERO_HASH, sequence: 0, charge: '0', manifestHash: ZERO_HASH });
    await serve.drain();
    await ledger.close();
    await open({ price: { base: '0', perText: '0', perKiB: '0' } });
    const stranger = await payingClient();
    expect(answered(await stranger.ask(texts('a'), { payment: null })).receipt.charge).toBe('0');
  });

  test('stops when nobody waits any more', async () => {
    const alice = await payingClient();
    const controller = new AbortController();
    const asked = alice.ask(texts(...Array.from({ length: 64 }, (_, at) => `text ${at}`)), {
      context: { signal: controller.signal },
    });
    controller.abort();
    expect(codeOf(await asked)).toBe('ABORTED');
    expect(ledger.channel(alice.channel)).toMatchObject({ charged: 0n });
    expect(ledger.hold(alice.channel)).toMatchObject({ inFlight: 0, reserved: 0n });
  });
});

test('an offer of embeddings survives a restart, and only the present one is shown', async () => {
  const before = offer;
  await ledger.close();
  await open();
  expect(offer.hash).toBe(before.hash);
  await ledger.close();
  await open({ maxInFlight: 9 });
  expect(offer.hash).not.toBe(before.hash);
  // 384 components are 2,048 characters; the most that one answer of a mebibyte has room for is above 256.
  expect(offer.offer.limits.texts).toBe(256);
});

test('a price is credits for each text, or a file', async () => {
  expect(await readEmbeddingPolicy('3')).toMatchObject({ price: { base: '0', perText: '3', perKiB: '0' }, allow: [] });
  await expect(readEmbeddingPolicy('three')).rejects.toMatchObject({ code: 'POLICY_FILE' });
  await expect(readEmbeddingPolicy('-3')).rejects.toMatchObject({ code: 'POLICY_FILE' });
});
