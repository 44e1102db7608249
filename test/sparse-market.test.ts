// Sparse vectors and sums of both kinds, sold over real sockets: by the client, through a gateway, and by a liar.
import { openHttpClient, type OpenClient, type Question } from '@tributary/client';
import { verifyBundle } from '@tributary/proof';
import { fromBase64url, toBase64url } from '@tributary/proof/primitives';
import { toSparse, type GatewayAnswer, type SparseInput, type WholeAnswer } from '@tributary/schemas';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startLiar, type Liar, type Lie } from './_liar.ts';
import { grant, startNetwork, type TestNetwork } from './_network.ts';

let network: TestNetwork;
let liar: Liar;
let tries = 0;
const of = (pairs: Record<number, number>): SparseInput => ({
  indices: Object.keys(pairs).map(Number),
  values: Object.values(pairs),
});
const sparse = (pairs: Record<number, number>) => toSparse(of(pairs))!;
const dense = (...values: number[]) => Float32Array.from(values);

beforeAll(async () => {
  network = await startNetwork({ price: { base: '3', perResult: '1' } });
  const shared = { metric: 'dotproduct', model: null } as const;
  const words = await network.provider.store.createIndex({ ...shared, name: 'words', dimension: 0, vectors: 'sparse' });
  const both = await network.provider.store.createIndex({ ...shared, name: 'both', dimension: 2, vectors: 'both' });
  await words.upsert([
    { id: 'a', text: 'a flood', sparse: sparse({ 3: 1, 9: 2 }) },
    { id: 'b', text: 'a ferry', sparse: sparse({ 9: 0.5, 4_000_000_000: 1 }) },
    { id: 'c', text: 'a mill', sparse: sparse({ 5: 1 }) },
  ]);
  await both.upsert([
    { id: 'a', text: 'a flood', vector: dense(1, 0), sparse: sparse({ 3: 1 }) },
    { id: 'b', text: 'a ferry', vector: dense(0.8, 0.2), sparse: sparse({ 3: 2 }) },
    { id: 'c', text: 'a mill', vector: dense(0, 1) },
  ]);
  for (const name of ['words', 'both']) {
    // Under the policy of the owner.
    await network.provider.openIndex(name, {});
    await network.provider.publish(name);
  }
  liar = await startLiar(network);
}, 120_000);
afterAll(async () => {
  await liar.close();
  await network.close();
});

async function payer(address: string): Promise<OpenClient> {
  const client = await network.client(`client-${tries++}`, address);
  await grant(network, client.wallet.address);
  return client;
}
const alone: Question = { index: 'words', sparse: sparse({ 9: 1, 3: 0.25 }) };
const summed: Question = { index: 'both', vector: dense(1, 0), sparse: sparse({ 3: 0.5 }) };

it('a client asks and pays for both kinds of question, and verifies the numbers', async () => {
  const client = await payer(network.provider.addresses()[0]!);
  const one = await client.query(alone);
  expect(one).toMatchObject({ mode: 'sparse', usage: { charge: '5' } });
  expect(one.results.map(({ id, score, components }) => ({ id, score, components }))).toEqual([
    { id: 'a', score: 2.25, components: { dense: null, bm25: null, sparse: 2.25 } },
    { id: 'b', score: 0.5, components: { dense: null, bm25: null, sparse: 0.5 } },
  ]);
  const two = await client.query(summed);
  expect(two.mode).toBe('dense-sparse');
  expect(two.results.map(({ id }) => id)).toEqual(['b', 'a', 'c']);
  expect(two.results[0]!.score).toBeCloseTo(1.8, 6);
  for (const { bundle } of [...one.answers, ...two.answers])
    expect(verifyBundle(bundle())).toMatchObject({ ok: true, failed: null });
  // Words are searched in an index that has no dense vectors.
  expect(await client.query({ index: 'words', text: 'a flood' })).toMatchObject({ mode: 'bm25', results: [{ id: 'a' }] });
  await expect(client.query({ index: 'words', vector: dense(1, 0) })).rejects.toMatchObject({ code: 'VECTOR_KIND' });
  await expect(client.query({ index: 'rivers', sparse: sparse({ 3: 1 }) })).rejects.toMatchObject({ code: 'VECTOR_KIND' });
}, 60_000);

it('a gateway asks for others, with proofs; its own callers send numbers', async () => {
  const gateway = await network.gateway();
  await grant(network, gateway.payer);
  const ask = async (body: object) => {
    const response = await fetch(`${gateway.url}/v1/query`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return {
      status: response.status,
      body: (await response.json()) as GatewayAnswer & { error: { code: string; message: string } },
    };
  };
  const { body } = await ask({ index: 'words', sparse: { indices: [9, 3], values: [1, 0.25] }, includeProof: true });
  expect(body).toMatchObject({ mode: 'sparse', results: [{ id: 'a', score: 2.25, components: { sparse: 2.25 } }, { id: 'b' }] });
  expect(verifyBundle(body.proof).ok).toBe(true);
  const refused = async (given: SparseInput) => (await ask({ index: 'words', sparse: given })).body.error;
  expect(await refused({ indices: [9, 9], values: [1, 2] })).toMatchObject({
    code: 'INPUT_SHAPE',
    message: expect.stringContaining('twice'),
  });
  expect(await refused({ indices: [9], values: [1, 2] })).toMatchObject({ code: 'INPUT_SHAPE' });
  expect(await refused({ indices: [9], values: [0] })).toMatchObject({
    code: 'INPUT_SHAPE',
    message: expect.stringContaining('not 0'),
  });
  expect(await refused({ indices: [-1], values: [1] })).toMatchObject({ code: 'INPUT_SHAPE' });
  expect(await refused({ indices: [1], values: [1e39] })).toMatchObject({ code: 'INPUT_SHAPE' });
  // A program that makes its own bytes notices it if the gateway alters them.
  const own = await openHttpClient({ gateway: gateway.url }).query(summed);
  expect(own.results.map(({ id }) => id)).toEqual(['b', 'a', 'c']);
  const listed = (await openHttpClient({ gateway: gateway.url }).indexes()).find(({ name }) => name === 'words');
  expect(listed).toMatchObject({ vectors: 'sparse', dimension: 0 });
}, 60_000);

const first = (answer: WholeAnswer) => answer.results[0]!;
const bytesOf = (answer: WholeAnswer) => fromBase64url(first(answer).shown.vector.sparse!);
const show = (answer: WholeAnswer, ...pairs: Uint8Array[]) =>
  void (first(answer).shown.vector.sparse = toBase64url(Uint8Array.from(pairs.flatMap((pair) => [...pair]))));
const lies: [string, string, Lie['answer']][] = [
  [
    'another sparse vector',
    'VECTOR_COMMITMENT',
    (answer) => void (first(answer).shown.vector.sparse = answer.results[1]!.shown.vector.sparse),
  ],
  ['no sparse vector', 'RESPONSE_SHAPE', (answer) => void delete first(answer).shown.vector.sparse],
  ['one out of order', 'SPARSE_VECTOR', (answer) => show(answer, bytesOf(answer).subarray(8), bytesOf(answer).subarray(0, 8))],
  ['an index twice', 'SPARSE_VECTOR', (answer) => show(answer, bytesOf(answer).subarray(0, 8), bytesOf(answer).subarray(0, 8))],
  ['another score', 'SCORE', (answer) => void (first(answer).score += 0.001)],
  ['another sparse part', 'SCORE', (answer) => void (first(answer).sparse! += 0.001)],
  ['another order', 'RANK_ORDER', (answer) => void answer.results.reverse()],
];
it.each(lies)(
  'a provider that shows %s is refused: %s',
  async (_name, code, answer) => {
    const client = await payer(liar.address);
    liar.lie = {};
    expect((await client.query(alone)).results).toHaveLength(2);
    liar.lie = { answer: answer! };
    await expect(client.query(alone)).rejects.toMatchObject({ code });
  },
  60_000,
);
