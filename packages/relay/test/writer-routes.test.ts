// Keys that write for a writer, on the routes of Pinecone's and OpenAI's APIs: what they write is signed by it.
import { expect, it, onTestFinished } from 'vitest';
import { openKeys } from './support/api-keys.ts';
import { formOf, openOpenAiGateway } from './support/openai.ts';
import { openPineconeGateway } from './support/pinecone.ts';

it("Pinecone's writes are signed by the writer of the key, and refused without a delegation", async () => {
  const keys = await openKeys();
  const { gateway, store, writers, call } = await openPineconeGateway(keys);
  onTestFinished(() => gateway.close());
  const index = await store.createIndex({ name: 'own', dimension: 3, metric: 'cosine', model: null });
  const writer = await writers.create();
  const { key } = await keys.make({ permissions: ['read', 'write'], writer });
  const vectors = [{ id: 'a', values: [1, 2, 3] }];
  const upsert = async () => (await call('POST /i/own/vectors/upsert', { vectors }, { 'api-key': key })).status;
  const calls: [string, object][] = [
    ['POST /i/own/vectors/upsert', { vectors }],
    ['POST /i/own/vectors/update', { id: 'a', setMetadata: { b: 1 } }],
    ['POST /i/own/vectors/update', { filter: { b: 2 }, setMetadata: { b: 1 } }],
    ['POST /i/own/vectors/delete', { ids: ['a'] }],
    ['POST /i/own/vectors/delete', { deleteAll: true }],
  ];
  await index.upsert([{ id: 'a', vector: Float32Array.of(1, 1, 1), metadata: { b: 2 } }]);
  for (const [line, body] of calls) expect([line, (await call(line, body, { 'api-key': key })).status]).toEqual([line, 403]);
  expect(index.info().sequence).toBe(1);
  await index.changeWriters({ kind: 'delegate', writer, namespace: '' });
  expect(await upsert()).toBe(200);
  const parsed = { v: 1, type: 'tributary/query', index: index.info().id, namespace: '', topK: 1, mode: 'dense' } as const;
  const vector = Buffer.from(Float32Array.of(1, 2, 3).buffer).toString('base64url');
  const rest = { denseWeight: null, text: null, vector, model: null, filter: null, minRelevance: 0, minSequence: null };
  const { records } = await index.search({ parsed: { ...parsed, ...rest } });
  expect(records[0]).toMatchObject({ id: 'a', signer: writer, custody: 'provider' });
  await index.changeWriters({ kind: 'revoke', writer, namespace: null });
  expect(await upsert()).toBe(403);
});

it("a file in OpenAI's vector store is signed by the writer of the key, also by the job that takes it in", async () => {
  const keys = await openKeys();
  const { call, own, writers } = await openOpenAiGateway({ keys });
  const writer = await writers.create();
  const admin = await keys.make({ permissions: ['read', 'write', 'admin'] });
  const { key } = await keys.make({ permissions: ['read', 'write'], writer });
  const headers = { authorization: `Bearer ${key}` };
  const { id } = (await call('POST /v1/vector_stores', { json: {}, headers: { authorization: `Bearer ${admin.key}` } })).body;
  const index = own.index(id.replace('_', '-'));
  const add = async () => {
    const file = (await call('POST /v1/files', { form: formOf('White storks nest on chimneys.'), headers })).body.id;
    await call(`POST /v1/vector_stores/${id}/files`, { json: { file_id: file }, headers });
    const place = `/v1/vector_stores/${id}/files/${file}`;
    const statusNow = async () => (await call(`GET ${place}`, { headers })).body.status;
    await expect.poll(statusNow, { timeout: 30_000 }).not.toBe('in_progress');
    return { place, ...(await call(`GET ${place}`, { headers })).body };
  };
  expect(await add()).toMatchObject({ status: 'failed', last_error: { message: expect.stringContaining(writer) } });
  expect(index.info().records).toBe(0);
  await index.changeWriters({ kind: 'delegate', writer, namespace: '' });
  const { place, status } = await add();
  const signers = async () => (await own.ask(index.info().id, { text: 'storks' })).results.map((one) => one.signer);
  expect([status, await signers()]).toEqual(['completed', [writer]]);
  const change = { json: { attributes: { a: 1 } }, headers };
  expect((await call(`POST ${place}`, change)).status).toBe(200);
  expect(await signers()).toEqual([writer]);
  await index.changeWriters({ kind: 'revoke', writer, namespace: null });
  for (const [line, sent] of [
    [`POST ${place}`, change],
    [`DELETE ${place}`, { headers }],
  ] as const)
    expect(await call(line, sent)).toMatchObject({ status: 403, body: { error: { code: 'WRITER_REVOKED' } } });
  expect(index.info().records).toBe(1);
});
