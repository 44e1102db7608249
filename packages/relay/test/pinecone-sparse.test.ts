// Sparse values in Pinecone's dialect: what is taken and refused, with its messages; over a real store.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPineconeGateway, type PineconeGateway } from './support/pinecone.ts';

let place: PineconeGateway;
const call = (...parameters: Parameters<PineconeGateway['call']>) => place.call(...parameters);
beforeAll(async () => {
  place = await openPineconeGateway();
  await place.store.createIndex({ name: 'words', dimension: 0, metric: 'dotproduct', vectors: 'sparse', model: null });
  await place.store.createIndex({ name: 'both', dimension: 2, metric: 'dotproduct', vectors: 'both', model: null });
  await place.store.createIndex({ name: 'dense', dimension: 2, metric: 'cosine', model: null });
});
afterAll(() => place.gateway.close());

const wrong = (part: string) => ({ status: 400, body: { code: 3, message: expect.stringContaining(part), details: [] } });
const sparseValues = { indices: [3, 9], values: [1, 2] };
const one = (vector: object) => ({ vectors: [{ id: 'x', ...vector }] });
const NO_SPARSE =
  'Index configuration does not support sparse values - only indexes that are sparse or using dotproduct are supported';
const NO_DENSE = 'Index configuration does not support dense values';

describe('a write', () => {
  const long = Array.from({ length: 2_049 }, (_, at) => at);
  it.each<[string, string, object, string]>([
    ['sparse values', 'dense', one({ values: [1, 2], sparseValues }), NO_SPARSE],
    ['dense values', 'words', one({ values: [1, 2], sparseValues }), NO_DENSE],
    ['no sparse values', 'words', one({}), "Vector ID 'x' has none"],
    ['sparse values alone', 'both', one({ sparseValues }), 'Vector dimension 0 does not match the dimension of the index 2'],
    ['an index twice', 'words', one({ sparseValues: { indices: [3, 3], values: [1, 2] } }), 'twice'],
    ['fewer values than indices', 'words', one({ sparseValues: { indices: [3, 4], values: [1] } }), 'as many values as indices'],
    ['an index below 0', 'words', one({ sparseValues: { indices: [-1], values: [1] } }), 'indices'],
    ['an index of 2^32', 'words', one({ sparseValues: { indices: [2 ** 32], values: [1] } }), 'indices'],
    ['a broken index', 'words', one({ sparseValues: { indices: [1.5], values: [1] } }), 'indices'],
    ['zeros', 'words', one({ sparseValues: { indices: [3], values: [0] } }), 'at least one non-zero value'],
    ['a value beyond a float', 'words', one({ sparseValues: { indices: [3], values: [1e39] } }), '32-bit float'],
    ['2,049 values', 'words', one({ sparseValues: { indices: long, values: long } }), '2048'],
    ['another member', 'words', one({ sparseValues: { ...sparseValues, more: 1 } }), 'more'],
  ])('with %s into %s is refused', async (_, index, body, part) => {
    expect(await call(`POST /i/${index}/vectors/upsert`, body)).toMatchObject(wrong(part));
    expect((await call(`POST /i/${index}/describe_index_stats`, {})).body).toMatchObject({ totalVectorCount: 0 });
  });

  it('that changes what the index does not have is refused, and by a filter there are no values', async () => {
    const update = (index: string, body: object) => call(`POST /i/${index}/vectors/update`, body);
    expect(await update('dense', { id: 'x', sparseValues })).toMatchObject(wrong(NO_SPARSE));
    expect(await update('words', { id: 'x', values: [1, 2] })).toMatchObject(wrong(NO_DENSE));
    expect(await update('words', { filter: { a: 1 }, sparseValues })).toMatchObject(
      wrong("An update by 'filter' sets metadata only"),
    );
    expect(await update('words', { id: 'nobody', sparseValues })).toMatchObject({ status: 200, body: {} });
  });
});

describe('a question', () => {
  beforeAll(async () => {
    await call('POST /i/words/vectors/upsert', {
      vectors: [
        { id: 'a', sparseValues: { indices: [9, 3], values: [0.1, 2] }, metadata: { year: 1961 } },
        { id: 'b', sparseValues: { indices: [9], values: [3] } },
      ],
    });
    await call('POST /i/both/vectors/upsert', {
      vectors: [
        { id: 'a', values: [1, 0], sparseValues },
        { id: 'b', values: [0, 1] },
      ],
    });
  });
  const query = (index: string, body: object) => call(`POST /i/${index}/query`, { topK: 3, ...body });

  it.each<[string, string, object, string]>([
    ['nothing', 'words', {}, "Either 'sparse_vector' or 'ID' must be provided"],
    [
      'an id too',
      'words',
      { id: 'a', sparseVector: sparseValues },
      "Cannot provide both 'ID' and 'sparse_vector' at the same time",
    ],
    ['dense values', 'words', { vector: [1, 2] }, NO_DENSE],
    ['both', 'words', { vector: [1, 2], sparseVector: sparseValues }, NO_DENSE],
    [
      'sparse values alone',
      'both',
      { sparseVector: sparseValues },
      "Cannot query index with dense 'vector_type' with only sparse vector",
    ],
    [
      'sparse values alone',
      'dense',
      { sparseVector: sparseValues },
      "Cannot query index with dense 'vector_type' with only sparse vector",
    ],
    ['sparse values', 'dense', { vector: [1, 2], sparseVector: sparseValues }, NO_SPARSE],
    ['an index twice', 'words', { sparseVector: { indices: [1, 1], values: [1, 2] } }, 'twice'],
  ])('with %s to %s is refused', async (_, index, body, part) => {
    expect(await query(index, body)).toMatchObject(wrong(part));
  });

  it('is answered with the dot product or the sum, and with the values only where asked', async () => {
    const { body } = await query('words', { sparseVector: { indices: [9, 3], values: [1, 0.5] }, includeValues: true });
    expect(body!['matches']).toEqual([
      { id: 'b', score: 3, values: [], sparseValues: { indices: [9], values: [3] } },
      { id: 'a', score: 1.1, values: [], sparseValues: { indices: [3, 9], values: [2, 0.1] } },
    ]);
    const plain = await query('words', { id: 'b', topK: 1 });
    expect(plain.body!['matches']).toEqual([{ id: 'b', score: 9, values: [] }]);
    const sum = await query('both', { vector: [1, 1], sparseVector: { indices: [9], values: [1] }, includeValues: true });
    expect(sum.body!['matches']).toEqual([
      { id: 'a', score: 3, values: [1, 0], sparseValues },
      { id: 'b', score: 1, values: [0, 1] },
    ]);
    // The record's own vectors, both of them.
    expect((await query('both', { id: 'a' })).body!['matches']).toMatchObject([
      { id: 'a', score: 6 },
      { id: 'b', score: 0 },
    ]);
  });

  it('through the records API takes them as two lists', async () => {
    const search = (index: string, vector: object) =>
      call(`POST /i/${index}/records/namespaces/__default__/search`, { query: { top_k: 1, vector } });
    const { body } = await search('words', { sparse_indices: [9], sparse_values: [2] });
    expect(body).toMatchObject({ result: { hits: [{ _id: 'b', _score: 6 }] } });
    expect((await search('both', { values: [1, 0], sparse_indices: [3], sparse_values: [2] })).body).toMatchObject({
      result: { hits: [{ _id: 'a', _score: 3 }] },
    });
    expect(await search('words', { sparse_indices: [9] })).toMatchObject({ status: 400 });
    expect(await search('words', {})).toMatchObject({ status: 400 });
  });

  it('statistics, fetch and lists know them', async () => {
    const stats = await call('POST /i/words/describe_index_stats', {});
    expect(stats.body).toMatchObject({ totalVectorCount: 2, metric: 'dotproduct', vectorType: 'sparse' });
    expect(stats.body).not.toHaveProperty('dimension');
    expect((await call('POST /i/both/describe_index_stats', {})).body).toMatchObject({ dimension: 2, vectorType: 'dense' });
    const fetched = await call('GET /i/words/vectors/fetch?ids=b&ids=a');
    expect(fetched.text).toContain('"sparseValues":{"indices":[3,9],"values":[2,0.1]}');
    const page = await call('POST /i/words/vectors/fetch_by_metadata', { filter: { year: 1961 } });
    expect(page.body).toMatchObject({ vectors: { a: { values: [], sparseValues: { indices: [3, 9] } } } });
    await call('POST /i/words/vectors/update', {
      id: 'b',
      sparseValues: { indices: [70], values: [1] },
      setMetadata: { year: 2 },
    });
    expect((await call('GET /i/words/vectors/fetch?ids=b')).body).toMatchObject({
      vectors: { b: { sparseValues: { indices: [70], values: [1] }, metadata: { year: 2 } } },
    });
  });
});
