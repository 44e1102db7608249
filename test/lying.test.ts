// The client refuses a provider or gateway that alters anything, each alteration with its own code, over real sockets.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openHttpClient, type OpenClient } from '@tributary/client';
import { chargeOf } from '@tributary/proof/payment';
import { fromUtf8, utf8 } from '@tributary/proof/primitives';
import type { Bundle, Offer, WholeAnswer } from '@tributary/schemas';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sealAnswer, wholeOf } from '../packages/proof/test/_whole.ts';
import { startLiar, type Liar, type Lie } from './_liar.ts';
import { grant, startNetwork, type TestNetwork } from './_network.ts';

let network: TestNetwork;
beforeAll(async () => {
  network = await startNetwork({ price: { base: '3', perResult: '1' } });
});
afterAll(() => network.close());

const question = { text: 'when does the flood begin', index: 'rivers', topK: 3, minRelevance: 0 };
const first = (answer: WholeAnswer) => answer.results[0]!;
const unused = (answer: WholeAnswer) => [0, 1, 2, 3].find((slot) => answer.results.every((result) => result.slot !== slot))!;

describe('a lying provider, over libp2p', () => {
  let liar: Liar;
  let client: OpenClient;
  let tries = 0;
  beforeAll(async () => {
    liar = await startLiar(network);
  });
  afterAll(() => liar.close());
  // A provider that lied is not paid again on the channel, so each case gets a wallet of its own.
  beforeEach(async () => {
    liar.lie = {};
    client = await network.client(`client-${tries++}`, liar.address);
    await grant(network, client.wallet.address);
  });
  // It asks again for the answers it has lost: the next case's lie would be told to it.
  afterEach(() => client.close());

  it('is accepted while it is honest', async () => {
    const { results, answers } = await client.query(question);
    expect(results[0]).toMatchObject({ verified: true, licence: 'CC-BY-4.0', source: { document: 'spring.md' } });
    expect(answers[0]!.usage.charge).toBe(String(3 + results.length));
  });

  const lies: [string, string, Lie][] = [
    ['text', 'TEXT_COMMITMENT', { answer: (answer) => void (first(answer).shown.text.value += ' Or in May.') }],
    ['score', 'SCORE', { answer: (answer) => void (first(answer).score += 0.001) }],
    ['relevance', 'SCORE', { answer: (answer) => void (first(answer).relevance = 1) }],
    ['rank', 'RANK_ORDER', { answer: (answer) => void answer.results.reverse() }],
    ['source', 'SOURCE_COMMITMENT', { answer: (answer) => void (first(answer).shown.source.value!.document = 'other.md') }],
    ['licence', 'LICENCE_COMMITMENT', { answer: (answer) => void (first(answer).shown.licence.value = 'CC0-1.0') }],
    ['id', 'ID_COMMITMENT', { answer: (answer) => void (first(answer).shown.id.value = 'x') }],
    ['slot', 'ITEM_INCLUSION', { answer: (answer) => void (first(answer).slot = unused(answer)) }],
    ['one result twice', 'ITEM_DUPLICATE', { answer: (answer) => void (answer.results[1] = answer.results[0]!) }],
    ['charge', 'RECEIPT_CHARGE', { receipt: (receipt) => void (receipt.charge = String(Number(receipt.charge) + 1)) }],
    ['snapshot', 'RECEIPT_MISMATCH', { receipt: (receipt) => void (receipt.snapshot += 1) }],
    [
      'a receipt signed by nobody',
      'RECEIPT_SIGNATURE',
      { unsigned: (told) => ({ ...told, receipt: { ...told.receipt, charge: '0' } }) },
    ],
    [
      'answer bytes after signing',
      'RESPONSE_HASH',
      { unsigned: (told) => ({ ...told, body: utf8(fromUtf8(told.body).replace('"score":0', '"score":1')) }) },
    ],
  ];
  it.each(lies)('is refused when it alters %s: %s', async (_, code, lie) => {
    liar.lie = lie;
    await expect(client.query(question)).rejects.toMatchObject({ code });
    const { couldLose } = await client.wallet.totals();
    // The lie is not acknowledged, so what was promised for it remains the most that can be lost.
    expect(couldLose).toBeGreaterThan(0n);
  });

  it.each([
    ['k', (body: string) => body.replace('"topK":3', '"topK":1')],
    ['filter', (body: string) => body.replace('"filter":null', '"filter":{"title":"x"}')],
  ])('cannot sell the answer to a question with another %s: the voucher is bound to the question', async (_, swap) => {
    liar.lie = { question: swap };
    await expect(client.query(question)).rejects.toMatchObject({ code: 'VOUCHER_INVALID' });
  });

  it('cannot shorten the list and charge for all of it', async () => {
    liar.lie = { answer: (answer) => void answer.results.pop() };
    await expect(client.query({ ...question, topK: 2 })).rejects.toMatchObject({ code: 'RECEIPT_CHARGE' });
  });

  it('can shorten it for a lower charge: that is completeness, which is listed as not proven', async () => {
    liar.lie = {};
    const whole = await client.query(question);
    const offer = JSON.parse(whole.answers[0]!.bundle().offer.body) as Offer;
    let charge = 0n;
    liar.lie = {
      answer: (answer) => {
        answer.results.pop();
        const textBytes = answer.results.reduce((sum, { shown }) => sum + Buffer.byteLength(shown.text.value), 0);
        const usage = { status: answer.status, results: answer.results.length, textBytes, ticketMaxCharge: offer.maxCharge };
        charge = chargeOf(offer, usage);
      },
      receipt: (receipt) => {
        receipt.chargedTotal = String(BigInt(receipt.chargedTotal) - BigInt(receipt.charge) + charge);
        receipt.charge = String(charge);
      },
    };
    const cut = await client.query(question);
    expect(cut.results).toHaveLength(whole.results.length - 1);
    expect(BigInt(cut.answers[0]!.usage.charge)).toBeLessThan(BigInt(whole.answers[0]!.usage.charge));
    expect(cut.notProven).toContain('completeness');
  });
});

describe('a lying provider of a free index, which no voucher binds', () => {
  let free: TestNetwork;
  let liar: Liar;
  let client: OpenClient;
  beforeAll(async () => {
    free = await startNetwork({});
    liar = await startLiar(free);
    client = await free.client('client', liar.address);
  });
  afterAll(async () => {
    await liar.close();
    await free.close();
  });

  it('needs no credit and proves as much', async () => {
    const { results, answers } = await client.query(question);
    expect(results).toHaveLength(3);
    expect(answers[0]!.usage.charge).toBe('0');
  });

  it.each([
    [
      'filter',
      'FILTER_MISMATCH',
      { filter: { kind: { $exists: true } } },
      (body: string) => body.replace('{"kind":{"$exists":true}}', 'null'),
    ],
    [
      'namespace',
      'NAMESPACE_MISMATCH',
      { namespace: 'other' },
      (body: string) => body.replace('"namespace":"other"', '"namespace":""'),
    ],
    ['k', 'RESULT_COUNT', { topK: 1 }, (body: string) => body.replace('"topK":1', '"topK":2')],
    [
      'relevance bound',
      'RELEVANCE_BOUND',
      { minRelevance: 0.99 },
      (body: string) => body.replace('"minRelevance":0.99', '"minRelevance":0'),
    ],
    ['question', 'STATISTICS', {}, (body: string) => body.replace('flood', 'ferry')],
  ])('is refused when it answers as if the %s were another: %s', async (_, code, ask, swap) => {
    liar.lie = { question: swap };
    await expect(client.query({ ...question, ...ask })).rejects.toMatchObject({ code });
  });
});

describe('a lying gateway, over HTTP', () => {
  let proxy: Server;
  let url: string;
  let alter: (bundle: Bundle) => Bundle | Promise<Bundle>;
  let swapQuestion: (body: { nonce: string; body: string }) => { nonce: string; body: string };

  beforeAll(async () => {
    const gateway = await network.gateway();
    await grant(network, gateway.payer);
    proxy = createServer((request, response) => {
      void (async () => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        const relay = request.url === '/v1/relay';
        const sent = relay ? JSON.stringify(swapQuestion(JSON.parse(Buffer.concat(chunks).toString()))) : undefined;
        const reply = await fetch(new URL(request.url!, gateway.url), {
          method: request.method!,
          ...(sent === undefined ? {} : { body: sent, headers: { 'content-type': 'application/json' } }),
        });
        const body = (await reply.json()) as { bundle: Bundle };
        if (relay && reply.ok) body.bundle = await alter(body.bundle);
        response.writeHead(reply.status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      })();
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  });
  afterAll(() => proxy.close());
  beforeEach(() => {
    alter = (bundle) => bundle;
    swapQuestion = (body) => body;
  });

  it('is accepted while it passes on what it received', async () => {
    const { results } = await openHttpClient({ gateway: url }).query(question);
    expect(results[0]).toMatchObject({ verified: true, source: { document: 'spring.md' } });
  });

  const inResponse = (change: (answer: WholeAnswer) => void) => (bundle: Bundle) => {
    const answer = wholeOf(bundle);
    change(answer);
    return { ...bundle, ...sealAnswer(answer) };
  };
  const cases: [string, string, (bundle: Bundle) => Bundle][] = [
    ['text', 'RESPONSE_HASH', inResponse((answer) => void (first(answer).shown.text.value = 'In May.'))],
    ['score', 'RESPONSE_HASH', inResponse((answer) => void (first(answer).score = 0.99))],
    ['rank', 'RESPONSE_HASH', inResponse((answer) => void answer.results.reverse())],
    ['source', 'RESPONSE_HASH', inResponse((answer) => void (first(answer).shown.source.value!.document = 'other.md'))],
    ['licence', 'RESPONSE_HASH', inResponse((answer) => void (first(answer).shown.licence.value = 'CC0-1.0'))],
    ['the charge in the receipt', 'RECEIPT_SIGNATURE', (bundle) => ({ ...bundle, receipt: { ...bundle.receipt, charge: '9' } })],
    ['the manifest', 'RECEIPT_MISMATCH', (bundle) => ({ ...bundle, manifest: bundle.manifest.replace('"live":', '"live":1') })],
    [
      'the offer',
      'OFFER_SIGNATURE',
      (bundle) => ({ ...bundle, offer: { ...bundle.offer, body: bundle.offer.body.replace('Rivers', 'Lakes') } }),
    ],
    [
      'the identity',
      'IDENTITY_SIGNATURE',
      (bundle) => ({
        ...bundle,
        identity: { ...bundle.identity, body: bundle.identity.body.replace('"sequence":1', '"sequence":2') },
      }),
    ],
    ['the checkpoint', 'CHECKPOINT_SIGNATURE', (bundle) => ({ ...bundle, log: bundle.log.replace(/\n(\d+)\n/, '\n9$1\n') })],
  ];
  it.each(cases)('is refused when it alters %s: %s', async (_, code, change) => {
    alter = change;
    await expect(openHttpClient({ gateway: url }).query(question)).rejects.toMatchObject({ code });
  });

  it.each([
    ['question', (body: string) => body.replace('flood', 'ferry')],
    ['k', (body: string) => body.replace('"topK":3', '"topK":1')],
    ['filter', (body: string) => body.replace('"filter":null', '"filter":{"kind":"x"}')],
  ])('is refused when it asks with another %s: REQUEST_MISMATCH', async (_, change) => {
    swapQuestion = ({ nonce, body }) => ({ nonce, body: change(body) });
    await expect(openHttpClient({ gateway: url }).query(question)).rejects.toMatchObject({ code: 'REQUEST_MISMATCH' });
  });

  it('cannot return an old answer to the same question, because the client chose the nonce', async () => {
    let kept: Bundle | undefined;
    alter = (bundle) => (kept ??= bundle);
    const client = openHttpClient({ gateway: url });
    await client.query(question);
    await expect(client.query(question)).rejects.toMatchObject({ code: 'REQUEST_MISMATCH' });
  });
});
