// Indexes of others through unmodified clients of Pinecone: a provider that sells, a node that buys for its keys, and
// the proof of what was bought.
import { join } from 'node:path';
import { startNode } from '@tributary/relay';
import { askNode } from '@tributary/relay/local';
import { silentLog } from '@tributary/relay/testing';
import { parseBundle, verifyBundle } from '@tributary/proof';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fileURLToPath } from 'node:url';
import { grant, startNetwork, type TestNetwork } from './_network.ts';
import { openPinecone, recordsOf } from './_pinecone.ts';

const PRICE = 3n;
const modelDirectory = fileURLToPath(new URL('../models/bge-small-en-v1.5', import.meta.url));

let network: TestNetwork;
let node: Awaited<ReturnType<typeof startNode>>;
let url: string;
beforeAll(async () => {
  network = await startNetwork({ price: String(PRICE), topK: 4 });
  node = await startNode({
    dataDirectory: join(network.folder, 'node'),
    listen: ['/ip4/127.0.0.1/tcp/0'],
    bootstrap: [network.provider.addresses()[0]!],
    rendezvous: null,
    modelDirectory,
    port: 0,
    log: silentLog,
  });
  url = node.gateway.url;
  await node.gateway.client.refresh();
  await grant(network, node.gateway.payer, 1_000n);
}, 120_000);
afterAll(async () => {
  await node.close();
  await network.close();
});

async function makeKey(total: string | null): Promise<string> {
  const terms = {
    name: 'test',
    permissions: ['read', 'write', 'admin'],
    indexes: ['*'],
    rate: null,
    writer: null,
    expiresAt: null,
  };
  const asked = { ...terms, budget: { total, perDay: null } };
  const { key } = (await askNode(join(network.folder, 'node', 'gateway'), 'keyCreate', asked)) as { key: string };
  return key;
}

it.each([3, 6, 9])(
  'client %d sees, queries and fetches from the index of somebody else, within the budget of its key',
  async (major) => {
    const key = await makeKey(String(2n * PRICE));
    const receipts: string[] = [];
    const fetchApi: typeof fetch = async (...parameters) => {
      const reply = await fetch(...parameters);
      const receipt = reply.headers.get('x-tributary-receipt');
      if (receipt !== null) receipts.push(receipt);
      return reply;
    };
    const { client, ...driver } = await openPinecone(major, url, key, { fetchApi });
    const index = driver.index('rivers');
    const { indexes } = (await client['listIndexes']!()) as { indexes: { name: string }[] };
    expect(indexes.map(({ name }) => name)).toContain('rivers');
    expect(await client['describeIndex']!('rivers')).toMatchObject({ name: 'rivers', status: { ready: true } });
    expect(await index.face['describeIndexStats']!()).toMatchObject({ dimension: 384, totalRecordCount: 5 });
    // Nothing was bought yet.
    expect(Object.keys(recordsOf(await index.fetch(['spring.md'])))).toEqual([]);

    const [question] = await node.provider.embedder.embed(['when does the spring flood begin'], 'query');
    const asked = { vector: [...question!], topK: 2, includeMetadata: true, includeValues: true };
    const found = (await index.face['query']!(asked)) as {
      matches: { id: string; score: number; values: number[]; metadata: { text: string } }[];
    };
    expect(found.matches).toHaveLength(2);
    expect(found.matches[0]!.metadata.text).toContain('The spring flood of the delta begins in April');
    expect(found.matches[0]!.values).toHaveLength(384);
    const { id } = found.matches[0]!;
    expect(recordsOf(await index.fetch([id, 'none']))).toEqual({
      [id]: expect.objectContaining({ values: found.matches[0]!.values }),
    });

    // The receipt leads to the proof, which an offline verifier accepts.
    expect(receipts).toHaveLength(1);
    const proof = await fetch(`${url}/v1/proofs/${receipts[0]}`, { headers: { 'api-key': key } });
    const bundle = parseBundle(Buffer.from(await proof.arrayBuffer()));
    expect(verifyBundle(bundle)).toMatchObject({
      ok: true,
      facts: { results: 2, charge: String(PRICE), receiptHash: receipts[0] },
    });

    // By the id of what was bought: the second question, and the last that the budget allows.
    expect(await index.face['query']!({ id, topK: 1 })).toMatchObject({ matches: [{ id }] });
    await expect(index.face['query']!(asked)).rejects.toMatchObject({
      message: expect.stringMatching(/API key may spend 0 more/),
    });
    await expect(index.upsert([{ id: 'x', values: [...question!] }])).rejects.toMatchObject({
      name: 'PineconeBadRequestError',
      message: expect.stringContaining('an index of somebody else'),
    });
    await expect(client['deleteIndex']!('rivers')).rejects.toMatchObject({ name: 'PineconeBadRequestError' });
    await expect(index.face['listPaginated']!()).rejects.toMatchObject({ name: 'PineconeBadRequestError' });
  },
  120_000,
);

it('a question as text is embedded here; more results than the offer allows are refused, and cost nothing', async () => {
  const key = await makeKey(null);
  const { index } = await openPinecone(9, url, key);
  const { face } = index('rivers');
  const query = { topK: 1, inputs: { text: 'how often does the ferry run' } };
  expect(await face['searchRecords']!({ query })).toMatchObject({
    result: { hits: [{ fields: { text: expect.stringContaining('every twenty minutes') } }] },
  });
  await expect(face['searchRecords']!({ query: { ...query, topK: 5 } })).rejects.toMatchObject({
    name: 'PineconeBadRequestError',
  });
  // What one key bought, another has not.
  const other = await openPinecone(9, url, await makeKey(null));
  expect(await other.index('rivers').face['query']!({ id: 'ferry.md', topK: 1 })).toMatchObject({ matches: [] });
}, 120_000);

it('an own index of that name takes its place, and the other is found by its id', async () => {
  const { client } = await openPinecone(8, url, await makeKey(null));
  const spec = { serverless: { cloud: 'aws', region: 'us-east-1' } };
  await client['createIndex']!({ name: 'rivers', dimension: 2, spec });
  const { indexes } = (await client['listIndexes']!()) as { indexes: { name: string; dimension: number }[] };
  expect(indexes.map(({ name, dimension }) => [name.replace(/@.*/, '@'), dimension])).toEqual([
    ['rivers', 2],
    ['rivers@', 384],
  ]);
  await client['deleteIndex']!('rivers');
});

it('sparse values and sums are bought, described and fetched', async () => {
  const shared = { metric: 'dotproduct', model: null } as const;
  const words = await network.provider.createIndex({ ...shared, name: 'words', dimension: 0, vectors: 'sparse' });
  const both = await network.provider.createIndex({ ...shared, name: 'both', dimension: 2, vectors: 'both' });
  const sparse = { indices: Uint32Array.of(3, 9), values: Float32Array.of(0.1, 2) };
  await words.upsert([{ id: 'a', text: 'a flood', sparse }]);
  await both.upsert([{ id: 'a', vector: Float32Array.of(1, 0), sparse }]);
  for (const name of ['words', 'both']) await network.provider.publish(name);
  const { client, ...driver } = await openPinecone(9, url, await makeKey(null));
  const described = async () => (await client['describeIndex']!('words')) as { vectorType: string; dimension?: number };
  await expect
    .poll(() => described().catch(() => null), { timeout: 30_000, interval: 300 })
    .toMatchObject({ vectorType: 'sparse' });
  const sparseVector = { indices: [9], values: [0.5] };
  const index = driver.index('words');
  expect(await index.face['query']!({ sparseVector, topK: 3, includeValues: true })).toMatchObject({
    matches: [{ id: 'a', score: 1, values: [], sparseValues: { indices: [3, 9], values: [0.1, 2] } }],
  });
  expect(recordsOf(await index.fetch(['a']))['a']).toMatchObject({ sparseValues: { indices: [3, 9], values: [0.1, 2] } });
  expect(await index.face['query']!({ id: 'a', topK: 1 })).toMatchObject({
    matches: [{ id: 'a', score: expect.closeTo(4.01, 5) }],
  });
  await expect(index.face['query']!({ vector: [1, 0], topK: 1 })).rejects.toMatchObject({
    message: expect.stringContaining('does not support dense values'),
  });
  const summed = driver.index('both');
  expect(await summed.face['query']!({ vector: [1, 0], sparseVector, topK: 1 })).toMatchObject({
    matches: [{ id: 'a', score: 2 }],
  });
}, 120_000);

it('its records are documents, too: searched by words, and fetched once they were bought', async () => {
  const key = await makeKey(null);
  const { client } = await openPinecone(9, url, key);
  const { host } = (await client['describeIndex']!('rivers')) as { host: string };
  const documents = async (what: string, json: object) => {
    const reply = await fetch(`${host}/namespaces/__default__/documents/${what}`, {
      method: 'POST',
      headers: { 'api-key': key, 'content-type': 'application/json' },
      body: JSON.stringify(json),
    });
    return { status: reply.status, receipt: reply.headers.get('x-tributary-receipt'), body: (await reply.json()) as object };
  };
  const words = { type: 'text', fields: ['text'], query: 'ferry minutes' };
  const found = await documents('search', { score_by: [words], top_k: 1, include_fields: ['text'] });
  expect(found).toMatchObject({ status: 200, receipt: expect.stringMatching(/^[0-9a-f]{64}$/) });
  const [match] = (found.body as { matches: { _id: string; text: string }[] }).matches;
  expect(match!.text).toContain('every twenty minutes');
  const fetched = await documents('fetch', { ids: [match!._id, 'none'] });
  expect(fetched.body).toMatchObject({ documents: { [match!._id]: { _id: match!._id, text: match!.text } } });
  expect((fetched.body as { documents: Record<string, { _values: number[] }> }).documents[match!._id]!._values).toHaveLength(384);
  expect(await documents('list', {})).toMatchObject({ status: 403 });
  expect(await documents('upsert', { documents: [{ _id: 'x', text: 'y' }] })).toMatchObject({ status: 403 });
});
