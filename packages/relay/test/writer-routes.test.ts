// Keys that write for a writer, on the routes of other APIs: those of Pinecone sign for it, those of OpenAI refuse it.
import { expect, it, onTestFinished } from 'vitest';
import { openKeys } from './support/api-keys.ts';
import { openOpenAiGateway } from './support/openai.ts';
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

it('every route that writes and does not sign refuses a key with a writer', async () => {
  const keys = await openKeys();
  const { gateway, call } = await openOpenAiGateway({ keys });
  const writer = 'did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK';
  const { key } = await keys.make({ permissions: ['read', 'write', 'admin'], writer });
  const refused = gateway.routes.filter(
    ({ access }) => access !== 'public' && access.permission === 'write' && access.signs !== true,
  );
  expect(refused.length).toBeGreaterThan(5);
  for (const { method, url } of refused) {
    const reply = await call(`${method} ${url.replaceAll(/:\w+/g, 'x')}`, {
      json: {},
      headers: { authorization: `Bearer ${key}` },
    });
    expect([method, url, reply.status, reply.text.includes('WRITER_ROUTE')]).toEqual([method, url, 403, true]);
  }
});
