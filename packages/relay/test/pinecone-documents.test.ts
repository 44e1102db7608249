// Documents in Pinecone's dialect: which schemas an index may have, and what is taken and refused; over a real store.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPineconeGateway, type PineconeGateway } from './support/pinecone.ts';

const dense = { type: 'dense_vector', dimension: 2, metric: 'cosine' };
const sparse = { type: 'sparse_vector' };
const words = { type: 'string', full_text_search: { language: 'en' } };

let opened: PineconeGateway;
beforeAll(async () => {
  opened = await openPineconeGateway();
});
afterAll(() => opened.gateway.close());

const call = async (line: string, json?: object) => {
  const { status, body, text } = await opened.call(line, json, { 'x-pinecone-api-version': '2026-07' });
  return { status, body, text, message: (body?.['error'] as { message: string } | undefined)?.message };
};
const create = (name: string, fields: object) => call('POST /indexes', { name, schema: { fields } });
const on = (index: string, namespace = 'n') => {
  const base = `/i/${index}/namespaces/${namespace}/documents`;
  return (what: string, json: object) => call(`POST ${base}/${what}`, json);
};
const by = (clause: object, more: object = {}) => ({ score_by: [clause], top_k: 10, ...more });
const matches = ({ body }: Awaited<ReturnType<typeof call>>) => body!['matches'] as { _id: string; _score: number }[];

describe('schemas', () => {
  it('are described as they were given, with what was left to the node', async () => {
    const fields = { emb: { type: 'dense_vector', dimension: 2 }, body: words, year: { type: 'float', filterable: true } };
    expect(await create('described', fields)).toMatchObject({ status: 201 });
    const { body } = await call('GET /indexes/described');
    expect(body).toMatchObject({ dimension: 2, metric: 'cosine', vector_type: 'dense' });
    expect(body!['schema']).toEqual({
      fields: {
        emb: { ...dense },
        body: { type: 'string', full_text_search: { language: 'en', stemming: false, stop_words: false } },
        year: { type: 'float', filterable: true },
      },
    });
  });

  it('of a text that the node embeds are served, too', async () => {
    const fields = { chunk: { type: 'semantic_text', model: 'model' } };
    expect(await create('semantic', fields)).toMatchObject({
      status: 201,
      body: { dimension: 3, schema: { fields: { chunk: { type: 'semantic_text', model: 'test/model', dimension: 3 } } } },
    });
    const other = await create('other', { chunk: { type: 'semantic_text', model: 'multilingual-e5-large' } });
    expect(other.status).toBe(404);
  });

  it.each<[string, object, RegExp]>([
    ['nothing to search', { year: { type: 'float' } }, /at least one of the following field types/],
    ['no field', {}, /at least one of the following field types/],
    ['two dense vectors', { a: dense, b: dense }, /several fields of type dense_vector/],
    ['two sparse vectors', { a: sparse, b: sparse }, /several fields of type sparse_vector/],
    ['two texts', { a: dense, b: words, c: words }, /several fields of text/],
    ['sparse values beside cosine', { a: dense, b: sparse }, /metric 'cosine'; give the dense one the metric dotproduct/],
    ['a text of the model beside vectors', { a: dense, b: { type: 'semantic_text', model: 'm' } }, /one dense vector/],
    ['the names of vectors beside others', { _values: dense, b: words }, /'_values' or '_sparse_values' beside/],
    ['a name of its own kind', { _emb: dense }, /'_emb' must have 1 to 64 bytes and not start with/],
    ['a name like an operator', { $emb: dense }, /not start with/],
    ['a long name', { ['é'.repeat(33)]: dense }, /1 to 64 bytes/],
    ['an unknown type', { a: dense, b: { type: 'geo' } }, /fields of type 'geo'/],
    ['stemming', { a: { type: 'string', full_text_search: { stemming: true } } }, /stemming/],
    ['a dense vector without a dimension', { a: { type: 'dense_vector' } }, /dimension/],
    ['51 fields', Object.fromEntries(Array.from({ length: 51 }, (_, at) => [`f${at}`, dense])), /51 fields, more than 50/],
    ['a schema that is too long', { a: { ...words, description: 'x'.repeat(32_768) } }, /more than 32768 bytes/],
  ])('with %s are refused', async (_, fields, message) => {
    expect(await create('refused', fields)).toMatchObject({ status: 400, message: expect.stringMatching(message) });
  });
});

describe('documents of vectors and words', () => {
  const docs = on('both');
  beforeAll(async () => {
    const fields = { emb: { ...dense, metric: 'dotproduct' }, sp: sparse, body: words };
    await create('both', fields);
  });

  it('are written, found by each of their fields, and shown with the fields that were asked for', async () => {
    const documents = [
      { _id: '10', emb: [1, 0], sp: { indices: [5], values: [2] }, body: 'red river', year: 1 },
      { _id: '9', emb: [0, 1], body: 'red', year: 2, tags: ['x'] },
    ];
    const written = await docs('upsert', { documents: [...documents, { _id: '9', emb: [0, 1], body: 'blue' }, documents[1]] });
    expect([written.status, written.body]).toEqual([202, { upserted_count: 4 }]);
    const near = by({ type: 'dense_vector', fields: ['emb'], values: [0, 2] });
    expect((await docs('search', near)).body).toEqual({
      matches: [
        { _id: '9', _score: 2 },
        { _id: '10', _score: 0 },
      ],
      namespace: 'n',
      usage: { read_units: 1 },
    });
    const some = await docs('search', { ...near, include_fields: ['sp', 'year', 'none'], filter: { year: 1 } });
    expect(matches(some)).toEqual([{ _id: '10', _score: 0, sp: { indices: [5], values: [2] }, year: 1 }]);
    const pairs = { indices: [5], values: [3] };
    expect(matches(await docs('search', by({ type: 'sparse_vector', field: 'sp', sparse_values: pairs })))).toEqual([
      { _id: '10', _score: 6 },
    ]);
    const said = await docs('search', by({ type: 'text', fields: ['body'], query: 'river' }, { include_fields: ['*'] }));
    expect(matches(said)).toEqual([{ ...documents[0], _score: expect.any(Number) }]);
    // In the order that was asked for, which a JavaScript object would not keep.
    const { text } = await docs('fetch', { ids: ['10', 'none', '9'] });
    expect(text.indexOf('"10":')).toBeLessThan(text.indexOf('"9":'));
    expect(JSON.parse(text)).toEqual({
      documents: { 10: documents[0], 9: documents[1] },
      namespace: 'n',
      usage: { read_units: 1 },
    });
  });

  it('are fetched by filter and listed a page at a time', async () => {
    const paged = on('both', 'paged');
    const documents = Array.from({ length: 5 }, (_, at) => ({ _id: `d${at}`, emb: [1, at], even: at % 2 === 0 }));
    await paged('upsert', { documents });
    const seen: string[] = [];
    let after: object = {};
    do {
      const { body } = await paged('fetch', { filter: { even: true }, limit: 2, include_fields: [], ...after });
      seen.push(...Object.keys(body!['documents'] as object));
      const next = (body!['pagination'] as { next: string } | undefined)?.next;
      after = next === undefined ? {} : { pagination_token: next };
    } while ('pagination_token' in after);
    expect(seen.toSorted()).toEqual(['d0', 'd2', 'd4']);
    const { body } = await paged('list', { prefix: 'd', limit: 3 });
    expect(body).toMatchObject({ documents: [{ _id: 'd0' }, { _id: 'd1' }, { _id: 'd2' }], namespace: 'paged' });
    const { next } = body!['pagination'] as { next: string };
    expect((await paged('list', { limit: 3, pagination_token: next })).body!['documents']).toEqual([
      { _id: 'd3' },
      { _id: 'd4' },
    ]);
  });

  it('lose the fields that are removed, and keep the others', async () => {
    const changed = on('both', 'changed');
    await changed('upsert', {
      documents: [
        { _id: 'a', emb: [1, 0], body: 'one', x: 1, y: 2 },
        { _id: 'b', emb: [1, 0], x: 1 },
      ],
    });
    const one = await changed('update', { documents: [{ _id: 'a', body: 'two', _remove_fields: ['x', 'none'] }] });
    expect([one.status, one.body]).toEqual([202, {}]);
    const all = async () => (await changed('fetch', { ids: ['a', 'b'] })).body!['documents'];
    expect(await all()).toEqual({
      a: { _id: 'a', emb: [1, 0], body: 'two', y: 2 },
      b: { _id: 'b', emb: [1, 0], x: 1 },
    });
    const patched = await changed('update', { filter: { x: 1 }, set_fields: { z: ['q'] }, remove_fields: ['x'] });
    expect([patched.status, patched.body]).toEqual([202, { matched_records: 1 }]);
    expect(await all()).toMatchObject({ b: { _id: 'b', emb: [1, 0], z: ['q'] } });
    const gone = await changed('delete', { filter: { z: 'q' } });
    expect([gone.status, gone.body]).toEqual([202, { matched_records: 1 }]);
    expect(await changed('delete', { ids: ['a', 'none'] })).toMatchObject({ status: 202, body: {} });
    expect(await all()).toEqual({});
    expect(await changed('delete', { delete_all: true })).toMatchObject({ status: 404 });
    expect(await on('both', '__default__')('delete', { delete_all: true })).toMatchObject({ status: 202 });
  });

  it.each<[string, string, object, RegExp]>([
    ['without an id', 'upsert', { documents: [{ emb: [1, 0] }] }, /_id/],
    ['without a vector', 'upsert', { documents: [{ _id: 'a', body: 'x' }] }, /dense vector in the field 'emb'/],
    ['with a vector of another length', 'upsert', { documents: [{ _id: 'a', emb: [1] }] }, /dimension 1 does not match/],
    ['with a vector of zeros', 'upsert', { documents: [{ _id: 'a', emb: [0, 0] }] }, /only zeros/],
    ['with a vector that is a text', 'upsert', { documents: [{ _id: 'a', emb: '1,0' }] }, /'emb' must be a list of numbers/],
    ['with words that are a number', 'upsert', { documents: [{ _id: 'a', emb: [1, 0], body: 5 }] }, /'body' must be a text/],
    ['with sparse values that are a list', 'upsert', { documents: [{ _id: 'a', emb: [1, 0], sp: [1] }] }, /indices and values/],
    ['with a name of the API', 'upsert', { documents: [{ _id: 'a', emb: [1, 0], _score: 1 }] }, /not start with '_'/],
    ['with an object as metadata', 'upsert', { documents: [{ _id: 'a', emb: [1, 0], x: {} }] }, /Metadata value must be/],
    ['none', 'upsert', { documents: [] }, /1 to 1000 documents/],
    ['1001', 'upsert', { documents: Array.from({ length: 1_001 }, () => ({ _id: 'a' })) }, /1 to 1000 documents/],
    ['by a query string', 'search', by({ type: 'query_string', query: 'a' }), /query_string/],
    ['by several clauses', 'search', { score_by: Array.from({ length: 2 }, () => ({ type: 'text' })), top_k: 1 }, /several ways/],
    ['by no clause', 'search', { score_by: [], top_k: 1 }, /one way to score/],
    ['by an unknown clause', 'search', by({ type: 'random', field: 'emb' }), /'random' is no way to score/],
    ['by several fields', 'search', by({ type: 'text', fields: ['body', 'x'], query: 'a' }), /one field/],
    ['by field and fields', 'search', by({ type: 'text', fields: ['body'], field: 'body', query: 'a' }), /exactly one of/],
    [
      'by a field of another kind',
      'search',
      by({ type: 'text', field: 'emb', query: 'a' }),
      /'emb' is no field of text; .*'body'/,
    ],
    ['by a missing field', 'search', by({ type: 'dense_vector', field: 'x', values: [1, 0] }), /that of this index is 'emb'/],
    ['by values of words', 'search', by({ type: 'dense_vector', field: 'emb', query: 'a' }), /needs 'values'/],
    ['by a vector of another length', 'search', by({ type: 'dense_vector', field: 'emb', values: [1] }), /dimension 1/],
    ['by no words', 'search', by({ type: 'text', field: 'body', query: '  ' }), /1 to 8192/],
    ['by many words', 'search', by({ type: 'text', field: 'body', query: 'a'.repeat(8_193) }), /1 to 8192/],
    [
      'by a phrase in a filter',
      'search',
      by({ type: 'text', field: 'body', query: 'a' }, { filter: { body: { $match_phrase: 'a' } } }),
      /match_phrase/,
    ],
    ['by ids and filter', 'fetch', { ids: ['a'], filter: { x: 1 } }, /Exactly one/],
    ['by neither', 'fetch', { filter: {} }, /Exactly one/],
    ['by ids of a page', 'fetch', { ids: ['a'], pagination_token: 'MQ' }, /belongs to a fetch by 'filter'/],
    ['a page too large', 'list', { limit: 101 }, /1 to 100/],
    ['by half a character', 'list', { prefix: '\ud800' }, /prefix/],
    ['words that are half a character', 'search', by({ type: 'text', field: 'body', query: '\ud800' }), /./],
    ['both ways', 'update', { documents: [{ _id: 'a' }], filter: { x: 1 } }, /Exactly one/],
    ['with a patch by id', 'update', { documents: [{ _id: 'a' }], set_fields: { x: 1 } }, /with a 'filter'/],
    ['without a patch', 'update', { filter: { x: 1 }, set_fields: {} }, /needs 'set_fields'/],
    ['words by filter', 'update', { filter: { x: 1 }, set_fields: { body: 'x' } }, /by '_id' only/],
    ['without their vector', 'update', { documents: [{ _id: 'a', _remove_fields: ['emb'] }] }, /cannot be removed/],
    [
      'with a field set and removed',
      'update',
      { documents: [{ _id: 'a', x: 1, _remove_fields: ['x'] }] },
      /both set and removed/,
    ],
    ['by nothing', 'delete', { delete_all: false, filter: {} }, /Exactly one/],
    ['with a member that is none', 'delete', { deleteAll: true }, /deleteAll/],
  ])('%s are refused: %s', async (_, what, json, message) => {
    expect(await docs(what, json)).toMatchObject({ status: 400, message: expect.stringMatching(message) });
  });
});

it('of words alone get the vectors of the node, which are not shown', async () => {
  await create('texts', { body: words });
  const docs = on('texts');
  await docs('upsert', {
    documents: [
      { _id: 'a', body: 'red river' },
      { _id: 'b', body: 'blue lake', year: 5 },
    ],
  });
  const said = await docs('search', by({ type: 'text', fields: ['body'], query: 'lake' }, { include_fields: ['*'] }));
  expect(matches(said)).toEqual([{ _id: 'b', _score: expect.any(Number), body: 'blue lake', year: 5 }]);
  expect(await docs('upsert', { documents: [{ _id: 'c', year: 1 }] })).toMatchObject({
    status: 400,
    message: "Document 'c' must have a text in the field 'body'",
  });
  const near = await docs('search', by({ type: 'dense_vector', field: '_values', values: [1, 2, 3] }));
  expect(near.message).toMatch(/no field of dense vectors; this index has none/);
});

it('of sparse values and words need the values', async () => {
  await create('sparse', { sp: sparse, body: words });
  const docs = on('sparse');
  const pairs = { indices: [1], values: [1] };
  await docs('upsert', { documents: [{ _id: 'a', sp: pairs, body: 'red' }] });
  expect(matches(await docs('search', by({ type: 'text', field: 'body', query: 'red' })))).toHaveLength(1);
  expect(matches(await docs('search', by({ type: 'sparse_vector', field: 'sp', sparse_values: pairs })))).toHaveLength(1);
  const { message } = await docs('upsert', { documents: [{ _id: 'b', body: 'red' }] });
  expect(message).toBe("Document 'b' must have sparse values in the field 'sp'");
});

it('and vectors are the same records, under the names that the schema shows', async () => {
  await call('POST /indexes', {
    name: 'classic',
    dimension: 2,
    metric: 'cosine',
    spec: { serverless: { cloud: 'aws', region: 'x' } },
  });
  await opened.call('POST /i/classic/vectors/upsert', {
    vectors: [{ id: 'a', values: [1, 0], metadata: { x: 1 } }],
    namespace: 'n',
  });
  const docs = on('classic');
  expect((await docs('fetch', { ids: ['a'] })).body).toMatchObject({ documents: { a: { _id: 'a', _values: [1, 0], x: 1 } } });
  await docs('upsert', { documents: [{ _id: 'b', _values: [0, 1] }] });
  const { body } = await opened.call('POST /i/classic/query', { vector: [0, 1], topK: 1, namespace: 'n' });
  expect(body).toMatchObject({ matches: [{ id: 'b', score: 1 }] });
  // A schema stays with the index over other changes of it.
  expect(await call('PATCH /indexes/both', { tags: { a: 'b' } })).toMatchObject({ status: 202 });
  expect((await call('GET /indexes/both')).body).toMatchObject({ schema: { fields: { body: words } } });
});
