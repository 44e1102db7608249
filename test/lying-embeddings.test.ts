// Vectors that are bought over real sockets: what a client gets, and that a provider which sells others is caught.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OpenClient } from '@tributary/client';
import { verifyEmbeddingBundle } from '@tributary/proof';
import { vectorFromBase64url, vectorToBase64url } from '@tributary/proof/primitives';
import { openEmbedder, type Embedder } from '@tributary/store';
import OpenAi6 from 'openai-6';
import OpenAi7 from 'openai-7';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startLiar, type Liar, type Lie } from './_liar.ts';
import { writeOtherModel } from './_other-model.ts';
import { grant, modelDirectory, startNetwork, type TestNetwork } from './_network.ts';

const MODEL = 'BAAI/bge-small-en-v1.5';
let network: TestNetwork;
let own: Embedder;
let tries = 0;

beforeAll(async () => {
  network = await startNetwork({ price: '3' }, { sellEmbeddings: '2' });
  own = await openEmbedder({ modelDirectory, workers: 1 });
});
afterAll(async () => {
  await own.close();
  await network.close();
});

/** A client that has the model, and computes vectors again. */
async function buyer(address: string, sampleRate?: number): Promise<OpenClient> {
  const recompute = async (text: string, kind: 'document' | 'query', digest: string) =>
    digest === own.digest ? { vector: (await own.embed([text], kind))[0]!, weights: own.device.weights } : null;
  const checks = { recompute, ...(sampleRate === undefined ? {} : { sampleRate }) };
  const client = await network.client(`buyer-${tries++}`, address, { checks });
  await grant(network, client.wallet.address, 1_000_000n);
  return client;
}

describe('an honest provider of embeddings', () => {
  it('is found, paid the price of its offer, and proves who sold what', async () => {
    const client = await buyer(network.provider.addresses()[0]!);
    expect(client.embeddings().map(({ offer }) => offer.model.id)).toEqual([MODEL]);
    expect(client.offers().map(({ offer }) => offer.index.split('@')[0])).toEqual(['rivers']);
    const texts = ['spring flood', 'ferry'];
    const bought = await client.embed({ model: MODEL, texts });
    const vectors = await own.embed(texts, 'document');
    expect(bought.vectors).toEqual(vectors);
    expect(bought).toMatchObject({ usage: { charge: '4', unit: 'credit' }, tokens: 7, notProven: ['embedding'], pinned: false });
    expect(bought.answers[0]!.cosine).toBeCloseTo(1, 5);
    const report = verifyEmbeddingBundle(JSON.stringify(bought.answers[0]!.bundle()));
    expect(report).toMatchObject({ ok: true, facts: { charge: '4', texts: 2, receiptHash: bought.answers[0]!.receipt } });
    const asQuestion = await client.embed({ model: own.digest, texts: ['ferry'], kind: 'query' });
    expect(asQuestion.vectors[0]).toEqual((await own.embed(['ferry'], 'query'))[0]);
    expect(await client.wallet.totals()).toMatchObject({ spent: 6n, writtenOff: 0n });
  });

  it('takes many texts in several requests, within one maximum', async () => {
    const client = await buyer(network.provider.addresses()[0]!);
    const texts = Array.from({ length: 300 }, (_, at) => `number ${at}`);
    await expect(client.embed({ model: MODEL, texts, maxCharge: 599n })).rejects.toMatchObject({ code: 'SPEND_CAP' });
    const { answers, vectors, usage } = await client.embed({ model: MODEL, texts, maxCharge: 600n });
    expect([answers.map((one) => one.texts), vectors.length, usage.charge]).toEqual([[256, 44], 300, '600']);
    expect(await client.wallet.totals()).toMatchObject({ spent: 600n, couldLose: 0n });
  });

  it('shares one channel with its index, in one chain of receipts', async () => {
    const client = await buyer(network.provider.addresses()[0]!);
    await client.embed({ model: MODEL, texts: ['a'] });
    await client.query({ text: 'when does the flood begin', index: 'rivers', topK: 1 });
    await client.embed({ model: MODEL, texts: ['b'] });
    expect(await client.wallet.totals()).toMatchObject({ spent: 7n, channels: 1, writtenOff: 0n });
  });

  it('is not asked for another model, nor by a client that allows other owners only', async () => {
    const client = await buyer(network.provider.addresses()[0]!);
    await expect(client.embed({ model: 'other/model', texts: ['a'] })).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
    const address = network.provider.addresses()[0]!;
    const picky = await network.client(`buyer-${tries++}`, address, { allowed: () => false });
    await expect(picky.embed({ model: MODEL, texts: ['a'] })).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
  });
});

describe("OpenAI's own client", () => {
  it.each([['6', OpenAi6] as const, ['7', OpenAi7] as const])('of major %s gets bought vectors', async (_, OpenAi) => {
    const allowed = [network.provider.keys.owner.did];
    const dataDirectory = join(network.folder, `gateway-${tries++}`);
    const gateway = await network.gateway({ dataDirectory, allowed, buyEmbeddings: 'missing', modelDirectory });
    await grant(network, gateway.payer);
    const openai = new OpenAi({ baseURL: `${gateway.url}/v1`, apiKey: 'none' });
    expect((await openai.models.list()).data.map(({ id }) => id)).toEqual([MODEL]);
    const create = openai.embeddings.create({ model: MODEL, input: ['spring flood', 'ferry'] });
    const { data: bought, response } = await create.withResponse();
    const vectors = await own.embed(['spring flood', 'ferry'], 'document');
    expect(bought.data.map(({ embedding }) => Float32Array.from(embedding))).toEqual(vectors);
    expect(bought.usage).toEqual({ prompt_tokens: 7, total_tokens: 7 });
    const proof = await fetch(`${gateway.url}/v1/proofs/${response.headers.get('x-tributary-receipt')}`);
    expect(verifyEmbeddingBundle(await proof.text())).toMatchObject({ ok: true, facts: { charge: '4' } });
    const unknown = openai.embeddings.create({ model: 'other/model', input: 'a' });
    await expect(unknown).rejects.toMatchObject({ status: 404, code: 'model_not_found' });
  });
});

describe('a lying provider of embeddings', () => {
  let liar: Liar;
  let client: OpenClient;
  let other: Embedder;
  beforeAll(async () => {
    other = await openEmbedder({ modelDirectory: await writeOtherModel(join(network.folder, 'other-model')), workers: 1 });
    liar = await startLiar(network);
  });
  afterAll(async () => {
    await liar.close();
    await other.close();
  });
  beforeEach(async () => {
    liar.lie = {};
    client = await buyer(liar.address);
  });
  // It asks again for the answers it has lost: the next case's lie would be told to it.
  afterEach(() => client.close());

  /** Runs another model than the one it sells. */
  const runsAnother: Lie = {
    async vectors(answer, { texts, kind }) {
      answer.vectors = (await other.embed(texts, kind)).map(vectorToBase64url);
    },
  };

  it('that runs another model is caught at its first answer, reported, and left for good', async () => {
    liar.lie = runsAnother;
    const asked = client.embed({ model: MODEL, texts: ['spring flood', 'ferry'] });
    await expect(asked).rejects.toMatchObject({ code: 'EMBEDDING_MISMATCH' });
    const [note] = client.faults.notes();
    expect(note).toMatchObject({ provider: network.provider.keys.owner.did, model: own.digest });
    expect(note!.cosine).toBeLessThan(0.99);
    const report = verifyEmbeddingBundle(await readFile(note!.file!));
    expect(report).toMatchObject({ ok: true, facts: { provider: note!.provider, fault: { cosine: note!.cosine } } });
    expect((await client.wallet.totals()).couldLose).toBeGreaterThan(0n);
    liar.lie = {};
    await expect(client.embed({ model: MODEL, texts: ['mill'] })).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
    expect(await client.faults.forgive(note!.provider)).toBe(true);
    expect((await client.embed({ model: MODEL, texts: ['mill'] })).vectors).toHaveLength(1);
  });

  it('that begins to lie later is caught within 100 requests', async () => {
    await client.embed({ model: MODEL, texts: ['spring flood'] });
    liar.lie = runsAnother;
    let requests = 0;
    const caught = async () => {
      for (requests = 1; requests <= 100; requests += 1) await client.embed({ model: MODEL, texts: [`text ${requests}`] });
    };
    await expect(caught()).rejects.toMatchObject({ code: 'EMBEDDING_MISMATCH' });
    expect(requests).toBeLessThanOrEqual(100);
    expect(client.embeddings(MODEL)).toEqual([]);
  });

  it('goes unnoticed by a client that never computes a vector again, which says so', async () => {
    liar.lie = runsAnother;
    const trusting = await network.client(`buyer-${tries++}`, liar.address);
    await grant(network, trusting.wallet.address);
    const { notProven, answers } = await trusting.embed({ model: MODEL, texts: ['spring flood'] });
    expect([notProven, answers[0]!.cosine]).toEqual([['embedding'], null]);
  });

  const lies: [string, string, Lie][] = [
    ['the order of its vectors', 'EMBEDDING_MISMATCH', { vectors: (answer) => void answer.vectors.reverse() }],
    [
      'the length of its vectors',
      'EMBEDDING_MISMATCH',
      { vectors: (answer) => void (answer.vectors = answer.vectors.map(doubled)) },
    ],
    ['the number of vectors', 'RESULT_COUNT', { vectors: (answer) => void answer.vectors.pop() }],
    ['the dimension', 'DIMENSION_MISMATCH', { vectors: (answer) => void (answer.vectors[0] = 'AAAAAA') }],
    ['the model', 'MODEL_MISMATCH', { vectors: (answer) => void (answer.model = '0'.repeat(64)) }],
    ['the charge', 'RECEIPT_CHARGE', { receipt: (receipt) => void (receipt.charge = String(Number(receipt.charge) + 1)) }],
    ['the snapshot', 'RECEIPT_MISMATCH', { receipt: (receipt) => void (receipt.snapshot = 1) }],
    [
      'bytes after signing',
      'RESPONSE_HASH',
      { unsigned: (told) => ({ ...told, body: told.body.map((byte, at) => (at === 300 ? byte ^ 1 : byte)) }) },
    ],
  ];
  it.each(lies)('is refused when it alters %s: %s', async (_, code, lie) => {
    liar.lie = lie;
    await expect(client.embed({ model: MODEL, texts: ['spring flood', 'ferry'] })).rejects.toMatchObject({ code });
    expect((await client.wallet.totals()).couldLose).toBeGreaterThan(0n);
  });

  it('whose answer is lost is asked again with the same ticket, and charged once', async () => {
    await client.embed({ model: MODEL, texts: ['spring flood'] });
    const controller = new AbortController();
    liar.lie = { vectors: () => controller.abort() };
    const lost = client.embed({ model: MODEL, texts: ['ferry'] }, { signal: controller.signal });
    await expect(lost).rejects.toMatchObject({ code: 'ABORTED' });
    liar.lie = {};
    await client.embed({ model: MODEL, texts: ['mill'] });
    expect(await client.wallet.totals()).toMatchObject({ spent: 6n, writtenOff: 0n, couldLose: 0n });
  });

  it("cannot give one request's answer to another", async () => {
    let first: Parameters<NonNullable<Lie['unsigned']>>[0] | null = null;
    liar.lie = { unsigned: (reply) => (first ??= reply) };
    await client.embed({ model: MODEL, texts: ['spring flood'] });
    await expect(client.embed({ model: MODEL, texts: ['spring flood'] })).rejects.toMatchObject({ code: 'REQUEST_HASH' });
  });

  it('cannot sell the vectors of other texts: the voucher is bound to these', async () => {
    liar.lie = { question: (body) => body.replace('ferry', 'merry') };
    await expect(client.embed({ model: MODEL, texts: ['ferry'] })).rejects.toMatchObject({ code: 'VOUCHER_INVALID' });
  });
});

const doubled = (vector: string): string => vectorToBase64url(vectorFromBase64url(vector).map((component) => 2 * component));
