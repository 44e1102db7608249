// Vectors in Pinecone's dialect: what is taken and refused, beyond what its JavaScript clients send; over a real store.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPineconeGateway, type PineconeGateway } from './support/pinecone.ts';

let place: PineconeGateway;
const call = (...parameters: Parameters<PineconeGateway['call']>) => place.call(...parameters);
beforeAll(async () => {
  place = await openPineconeGateway();
  await place.store.createIndex({ name: 'plain', dimension: 2, metric: 'cosine', model: null });
  await place.store.createIndex({ name: 'far', dimension: 2, metric: 'euclidean', model: null });
});
afterAll(() => place.gateway.close());

const I = '/i/plain';
const wrong = (part: string) => ({
  status: 400,
  body: { code: 3, message: expect.stringContaining(part), details: [] },
});
const upsert = (vectors: unknown[], more: object = {}) => call(`POST ${I}/vectors/upsert`, { vectors, ...more });

describe('vectors', () => {
  it.each<[string, object, string]>([
    ['no vectors', { vectors: [] }, 'give 1 to 1000 vectors'],
    [
      'too many',
      { vectors: Array.from({ length: 1_001 }, (_, at) => ({ id: `${at}`, values: [1, 2] })) },
      'give 1 to 1000 vectors',
    ],
    [
      'another dimension',
      { vectors: [{ id: 'a', values: [1, 2, 3] }] },
      'Vector dimension 3 does not match the dimension of the index 2',
    ],
    ['no values', { vectors: [{ id: 'a' }] }, 'Vector dimension 0 does not match the dimension of the index 2'],
    [
      'zeros',
      { vectors: [{ id: 'x', values: [0, 1e-9] }] },
      "Dense vectors must contain at least one non-zero value. Vector ID 'x' contains only zeros",
    ],
    [
      'an id that is not ASCII',
      { vectors: [{ id: 'A Braña_0', values: [1, 2] }] },
      "Vector ID must be ASCII, but got 'A Braña_0'",
    ],
    ['an id with NUL', { vectors: [{ id: 'a\0', values: [1, 2] }] }, 'Vector ID must not contain null character'],
    ['a long id', { vectors: [{ id: 'x'.repeat(513), values: [1, 2] }] }, 'Vector ID must have at most 512 characters'],
    ['a value beyond a float', { vectors: [{ id: 'a', values: [1e39, 1] }] }, 'no 32-bit float'],
    [
      'sparse values',
      { vectors: [{ id: 'a', values: [1, 2], sparseValues: { indices: [1], values: [1] } }] },
      'does not support sparse values',
    ],
    [
      'nested metadata',
      { vectors: [{ id: 'a', values: [1, 2], metadata: { a: { b: 1 } } }] },
      'Metadata value must be a string, number, boolean or list of strings',
    ],
    ['null in metadata', { vectors: [{ id: 'a', values: [1, 2], metadata: { a: null } }] }, "got 'null' for field 'a'"],
    ['a $ key', { vectors: [{ id: 'a', values: [1, 2], metadata: { $a: 1 } }] }, "Metadata key '$a'"],
    [
      'long metadata',
      { vectors: [{ id: 'a', values: [1, 2], metadata: { a: 'x'.repeat(40_953) } }] },
      'Metadata size is 40961 bytes, which exceeds the limit of 40960 bytes per vector',
    ],
    [
      'a long namespace',
      { vectors: [{ id: 'a', values: [1, 2] }], namespace: 'x'.repeat(513) },
      'Namespace must have at most 512',
    ],
    ['a namespace that is not ASCII', { vectors: [{ id: 'a', values: [1, 2] }], namespace: 'ü' }, 'Namespace must be ASCII'],
    ['another member', { vectors: [{ id: 'a', values: [1, 2] }], more: 1 }, 'more'],
  ])('with %s are refused', async (_, body, part) => {
    expect(await call(`POST ${I}/vectors/upsert`, body)).toMatchObject(wrong(part));
    expect((await call(`POST ${I}/describe_index_stats`, {})).body).toMatchObject({ totalVectorCount: 0 });
  });

  it('at the bounds are taken', async () => {
    const namespace = 'n'.repeat(512);
    const metadata = { a: 'x'.repeat(40_952) };
    const vectors = Array.from({ length: 1_000 }, (_, at) => ({ id: `${at}`.padStart(512, '0'), values: [at + 0.5, 1] }));
    expect(await upsert([{ ...vectors[0]!, metadata }, ...vectors.slice(1)], { namespace })).toMatchObject({
      status: 200,
      body: { upsertedCount: 1_000 },
      headers: { 'x-pinecone-lsn-committed': '1' },
    });
    const ids = vectors.map(({ id }) => `ids=${id}`).join('&');
    const { body } = await call(`GET ${I}/vectors/fetch?${ids}&namespace=${namespace}`);
    expect(Object.keys(body!['vectors'] as object)).toHaveLength(1_000);
    expect(await call(`DELETE ${I}/namespaces/${namespace}`)).toMatchObject({ status: 200, text: '{}' });
  });

  it('of an id twice: the last counts', async () => {
    const twice = [1, 2].map((at) => ({ id: 'a', values: [at, 1], metadata: { at } }));
    expect(await upsert(twice, { namespace: 'twice' })).toMatchObject({ body: { upsertedCount: 2 } });
    const { body } = await call(`GET ${I}/vectors/fetch?ids=a&namespace=twice`);
    expect(body).toMatchObject({ vectors: { a: { values: [2, 1], metadata: { at: 2 } } }, namespace: 'twice' });
  });

  it('are fetched in the order asked, numbers among the ids, too', async () => {
    await upsert(
      ['2', '10', 'b', '__proto__'].map((id) => ({ id, values: [1, 1] })),
      { namespace: 'order' },
    );
    const { text } = await call(`GET ${I}/vectors/fetch?ids=b&ids=10&ids=__proto__&ids=none&ids=2&ids=b&namespace=order`);
    expect([...text.matchAll(/"id":"([^"]+)"/g)].map(([, id]) => id)).toEqual(['b', '10', '__proto__', '2']);
  });

  it.each(['', '?ids=', `?${'ids=a&'.repeat(1_001)}`])('are not fetched by no id or by 1,001', async (query) => {
    expect(await call(`GET ${I}/vectors/fetch${query}`)).toMatchObject({ status: 400, body: { code: 3 } });
  });

  it('are printed as the shortest decimals of 32-bit floats', async () => {
    const values = [0.1, -3.4e38];
    await upsert([{ id: 'f', values }], { namespace: 'floats' });
    const { text } = await call(`GET ${I}/vectors/fetch?ids=f&namespace=floats`);
    expect(text).toContain('"values":[0.1,-3.4e+38]');
  });
});

describe('queries', () => {
  const query = (body: object, index = 'plain') => call(`POST /i/${index}/query`, { topK: 3, ...body });

  it.each<[string, object, string]>([
    ['neither vector nor id', {}, "Either 'vector' or 'ID' must be provided"],
    ['both', { vector: [1, 1], id: 'a' }, "Cannot provide both 'ID' and 'vector' at the same time"],
    ['another dimension', { vector: [1] }, 'Vector dimension 1 does not match the dimension of the index 2'],
    ['no topK', { vector: [1, 1], topK: null }, 'topK'],
    ['topK of 0', { vector: [1, 1], topK: 0 }, 'topK: is 1 to 10000'],
    ['topK of 10,001', { vector: [1, 1], topK: 10_001 }, 'topK: is 1 to 10000'],
    ['a filter that is none', { vector: [1, 1], filter: { a: { $x: 1 } } }, '$x'],
    ['sparse vectors', { vector: [1, 1], sparseVector: { indices: [1], values: [1] } }, 'does not support sparse values'],
  ])('with %s are refused', async (_, body, part) => {
    expect(await query(body)).toMatchObject(wrong(part));
  });

  it('give as many as are asked for and there are, however far', async () => {
    for (const part of [0, 1]) {
      const vectors = Array.from({ length: 1_000 }, (_, at) => ({ id: `${part}-${at}`, values: [Math.cos(at), Math.sin(at)] }));
      await upsert(vectors, { namespace: 'many' });
    }
    const { body } = await query({ vector: [1, 0], topK: 10_000, namespace: 'many' });
    expect(body!['matches']).toHaveLength(2_000);
    const scores = (body!['matches'] as { score: number }[]).map(({ score }) => score);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    expect(scores.at(-1)).toBeLessThan(-0.9999);
    expect(scores.every((score) => Math.fround(score) === Math.fround(Number(score.toPrecision(9))))).toBe(true);
  });

  it('by the euclidean metric give squared distances, the nearest first', async () => {
    const vectors = [
      { id: 'far', values: [5, 5] },
      { id: 'near', values: [1, 2] },
    ];
    await call('POST /i/far/vectors/upsert', { vectors });
    const { body } = await query({ vector: [1, 1] }, 'far');
    expect(body!['matches']).toMatchObject([
      { id: 'near', score: 1 },
      { id: 'far', score: 32 },
    ]);
  });

  it('take null for a member that is not there', async () => {
    const none = { id: null, filter: null, namespace: null, includeValues: null, sparseVector: null };
    expect(await query({ vector: [1, 1], ...none })).toMatchObject({ status: 200, body: { matches: [], namespace: '' } });
  });
});

describe('changes', () => {
  const N = { namespace: 'changes' };
  const fetched = async () => (await call(`GET ${I}/vectors/fetch?ids=a&ids=b&namespace=changes`)).body!['vectors'];

  it('by filter: a dry run counts, the other changes', async () => {
    await upsert(
      ['a', 'b'].map((id) => ({ id, values: [1, 1], metadata: { state: 'new' } })),
      N,
    );
    const change = { filter: { state: 'new' }, setMetadata: { state: 'old' }, ...N };
    expect((await call(`POST ${I}/vectors/update`, { ...change, dryRun: true })).body).toEqual({ matchedRecords: 2 });
    expect(await fetched()).toMatchObject({ a: { metadata: { state: 'new' } } });
    expect((await call(`POST ${I}/vectors/update`, change)).body).toEqual({ matchedRecords: 2 });
    expect(await fetched()).toMatchObject({ a: { metadata: { state: 'old' } }, b: { metadata: { state: 'old' } } });
  });

  it.each<[string, object, string]>([
    ['update', {}, "Exactly one of 'id' and 'filter'"],
    ['update', { id: 'a', filter: { a: 1 } }, "Exactly one of 'id' and 'filter'"],
    ['update', { filter: { a: 1 }, values: [1, 1] }, 'sets metadata only'],
    ['update', { id: 'a', values: [1] }, 'Vector dimension 1'],
    ['update', { id: 'a', setMetadata: { a: null } }, 'Metadata value must be'],
    ['delete', {}, "Exactly one of 'ids', 'filter' and 'deleteAll'"],
    ['delete', { ids: ['a'], deleteAll: true }, "Exactly one of 'ids', 'filter' and 'deleteAll'"],
    ['delete', { ids: Array(1_001).fill('a') }, 'give 1 to 1000 ids'],
    ['fetch_by_metadata', { filter: {}, limit: 10_001 }, 'limit: is 1 to 10000'],
    ['fetch_by_metadata', { filter: {}, paginationToken: 'eA' }, 'paginationToken: is not one that this node gave'],
  ])('%s with %j is refused', async (route, body, part) => {
    expect(await call(`POST ${I}/vectors/${route}`, body)).toMatchObject(wrong(part));
  });

  it('statistics with a filter are refused, as for serverless indexes', async () => {
    expect(await call(`POST ${I}/describe_index_stats`, { filter: { a: 1 } })).toMatchObject(wrong('metadata filter'));
    expect((await call(`POST ${I}/describe_index_stats`)).status).toBe(200);
  });

  it.each(['list?limit=0', 'list?limit=101', 'list?more=1'])('%s is refused', async (query) => {
    expect(await call(`GET ${I}/vectors/${query}`)).toMatchObject({ status: 400, body: { code: 3 } });
  });
});
