// Indexes, records and versions in Pinecone's dialect, beyond what its JavaScript clients send; over a real store.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPineconeGateway, type PineconeGateway } from './support/pinecone.ts';

let place: PineconeGateway;
const call = (...parameters: Parameters<PineconeGateway['call']>) => place.call(...parameters);
beforeAll(async () => {
  place = await openPineconeGateway();
  await place.store.createIndex({ name: 'plain', dimension: 2, metric: 'cosine', model: null });
  await place.store.createIndex({ name: 'texts', dimension: 3, metric: 'cosine', model: { id: 'test/model' } });
});
afterAll(() => place.gateway.close());

const I = '/i/plain';
const wrong = (part: string) => ({
  status: 400,
  body: { code: 3, message: expect.stringContaining(part), details: [] },
});
const wrongControl = (part: string) => ({
  status: 400,
  body: { error: { code: 'INVALID_ARGUMENT', message: expect.stringContaining(part) }, status: 400 },
});

describe('indexes', () => {
  const spec = { serverless: { cloud: 'aws', region: 'us-east-1' } };
  const create = (body: object) => call('POST /indexes', body);

  it('says that what it stored for an index is damaged', async () => {
    const settings = { dimension: 2, metric: 'cosine', model: null } as const;
    for (const [name, pinecone] of Object.entries({ 'no-json': '{', 'no-kept': '{"cloud":1}' })) {
      await place.store.createIndex({ name, ...settings, attributes: { pinecone } });
      expect(await call(`GET /indexes/${name}`)).toMatchObject({
        status: 400,
        body: { error: { code: 'FAILED_PRECONDITION', message: expect.stringContaining(`the index ${name} cannot be read`) } },
      });
      await place.store.removeIndex(name);
    }
  });

  it.each<[string, object, string]>([
    ['pods', { name: 'a', dimension: 2, spec: { pod: { environment: 'e', pod_type: 'p1.x1' } } }, 'pods'],
    [
      'sparse vectors and a dimension',
      { name: 'a', dimension: 2, metric: 'dotproduct', vector_type: 'sparse', spec },
      'dimension should not be specified for sparse indexes',
    ],
    [
      'sparse vectors and another metric',
      { name: 'a', metric: 'cosine', vector_type: 'sparse', spec },
      'Sparse vector indexes must use the metric dotproduct',
    ],
    [
      'both fields',
      { schema: { fields: { _values: { type: 'dense_vector', dimension: 2 }, _sparse_values: { type: 'sparse_vector' } } } },
      "'_values' or '_sparse_values' beside other fields",
    ],
    ['another type of vectors', { name: 'a', dimension: 2, vector_type: 'binary', spec }, "vectors of type 'binary'"],
    ['no fields', { schema: { fields: {} } }, 'Schema must contain at least one of the following field types'],
    ['own cloud', { name: 'a', dimension: 2, spec: { byoc: { environment: 'e' } } }, 'bring-your-own-cloud'],
    ['dedicated reads', { name: 'a', dimension: 2, spec, read_capacity: { mode: 'Dedicated' } }, "mode 'Dedicated'"],
    ['a wrong name', { name: 'A_b', dimension: 2, spec }, 'Name must consist of lower case alphanumeric characters'],
    ['no dimension', { name: 'a', spec }, 'dimension'],
    ['a large dimension', { name: 'a', dimension: 20_001, spec }, 'dimension'],
    ['another metric', { name: 'a', dimension: 2, metric: 'hamming', spec }, 'metric'],
    [
      '21 tags',
      { name: 'a', dimension: 2, spec, tags: Object.fromEntries(Array.from({ length: 21 }, (_, at) => [`t${at}`, ''])) },
      'at most 20 tags',
    ],
    ['a wrong tag', { name: 'a', dimension: 2, spec, tags: { 'a b': '' } }, 'a tag is named by'],
  ])('with %s are refused with a reason', async (_, body, part) => {
    expect(await create(body)).toMatchObject(wrongControl(part));
  });

  it('are made from a schema without a name, and described for both families of versions', async () => {
    const schema = { fields: { _values: { type: 'dense_vector', dimension: 2, metric: 'dotproduct' } } };
    const { status, body } = await create({ schema, deployment: { deployment_type: 'managed', cloud: 'gcp', region: 'r' } });
    expect([status, body]).toMatchObject([
      201,
      {
        name: expect.stringMatching(/^index-[0-9a-f]{8}$/),
        dimension: 2,
        metric: 'dotproduct',
        vector_type: 'dense',
        spec: { serverless: { cloud: 'gcp', region: 'r' } },
        deployment: { deployment_type: 'managed', cloud: 'gcp', region: 'r' },
        schema: { fields: { _values: { dimension: 2 }, _sparse_values: { type: 'sparse_vector' } } },
        read_capacity: { mode: 'OnDemand' },
      },
    ]);
    expect(body).not.toHaveProperty('tags');
    const { name, host } = body as { name: string; host: string };
    expect(host).toMatch(/^http:\/\/127\.0\.0\.1:8080\/i\//);
    const tls = await call(`GET /indexes/${name}`, undefined, { 'x-forwarded-proto': 'https' });
    expect(tls.body!['host']).toBe(host.replace('http:', 'https:'));
    expect(await call(`DELETE //indexes//${name}`)).toMatchObject({ status: 202, text: '' });
    expect(await call(`GET /indexes/${name}`)).toMatchObject({
      status: 404,
      body: { error: { code: 'NOT_FOUND' }, status: 404 },
    });
  });

  it('of sparse vectors are made in both forms, and described without a dimension', async () => {
    const schema = { fields: { _sparse_values: { type: 'sparse_vector' } } };
    for (const body of [
      { name: 'words', schema },
      { name: 'words', vector_type: 'sparse', metric: 'dotproduct', spec },
    ]) {
      const made = await create(body);
      expect(made).toMatchObject({ status: 201, body: { vector_type: 'sparse', metric: 'dotproduct', schema } });
      expect(made.body).not.toHaveProperty('dimension');
      expect(place.store.index('words').info()).toMatchObject({ vectors: 'sparse', dimension: 0 });
      expect(await call('DELETE /indexes/words')).toMatchObject({ status: 202 });
    }
    await create({ name: 'sum', dimension: 2, metric: 'dotproduct', spec });
    await create({ name: 'angle', dimension: 2, metric: 'cosine', spec });
    expect(place.store.index('sum').info()).toMatchObject({ vectors: 'both' });
    expect(place.store.index('angle').info()).toMatchObject({ vectors: 'dense' });
  });

  it('that were made elsewhere show their text as a field', async () => {
    await place.store.index('texts').upsert([{ id: 'n', text: 'abba', metadata: { year: 1 } }]);
    expect((await call('GET /i/texts/vectors/fetch?ids=n')).body!['vectors']).toMatchObject({
      n: { metadata: { text: 'abba', year: 1 } },
    });
    expect((await call('GET /indexes/texts')).body).toMatchObject({
      embed: { model: 'test/model', field_map: { text: 'text' } },
    });
    await call('POST /i/texts/vectors/update', { id: 'n', setMetadata: { text: 'cc', more: true } });
    const changed = await place.store.index('texts').fetch(['n']);
    expect(changed[0]).toMatchObject({ text: 'cc', metadata: { year: 1, more: true } });
    // Embedded anew with it: letters a, b and c.
    expect([...changed[0]!.vector].map((value) => Math.round(value))).toEqual([0, 0, 2]);
  });

  it('of another model than the node has are 404, and need a text field', async () => {
    const body = { name: 'm', cloud: 'aws', region: 'r', embed: { model: 'multilingual-e5-large', field_map: { text: 't' } } };
    expect(await call('POST /indexes/create-for-model', body)).toMatchObject({
      status: 404,
      body: { error: { code: 'NOT_FOUND' } },
    });
    const without = { ...body, embed: { model: 'model', field_map: { query: 't' } } };
    expect(await call('POST /indexes/create-for-model', without)).toMatchObject(wrongControl("Missing required key 'text'"));
    const named = { ...body, embed: { model: 'model', field_map: { text: 't' } } };
    expect(await call('POST /indexes/create-for-model', named)).toMatchObject({
      status: 201,
      body: { embed: { model: 'test/model' } },
    });
  });
});

describe('records', () => {
  const R = '/i/texts/records/namespaces/r';
  const bad = (part: string) => wrongControl(part);

  it.each<[string, string, string]>([
    ['nothing', '\n', 'give 1 to 1000 records'],
    ['no JSON', '{"id":', 'Record 0 is not JSON'],
    ['a list', '[]', 'Record 0 is not a JSON object'],
    ['no id', '{"text":"a"}', "must have an 'id' or '_id'"],
    ['two ids', '{"id":"a","_id":"b","text":"a"}', "both 'id' and '_id'"],
    ['no text', '{"id":"a"}', "must have a text in the field 'text'"],
    ['a nested field', '{"id":"a","text":"a","b":{}}', 'Metadata value must be'],
  ])('with %s are refused', async (_, lines, part) => {
    expect(await call(`POST ${R}/upsert`, lines)).toMatchObject(bad(part));
  });

  it('are taken with a newline at the end, and found by text, vector and id', async () => {
    expect(await call(`POST ${R}/upsert`, '{"id":"x","text":"aaa","n":1}\r\n{"_id":"y","text":"bbb"}\n')).toMatchObject({
      status: 201,
      text: '',
    });
    const search = async (query: object, more: object = {}) =>
      (await call(`POST ${R}/search`, { query: { top_k: 1, ...query }, ...more })).body;
    expect(await search({ inputs: { text: 'a' } })).toMatchObject({
      result: { hits: [{ _id: 'x', fields: { text: 'aaa', n: 1 } }] },
      usage: { read_units: 1, embed_total_tokens: 1 },
    });
    expect(await search({ vector: { values: [0, 1, 0] } }, { fields: [] })).toMatchObject({
      result: { hits: [{ _id: 'y', fields: {} }] },
    });
    expect(await search({ id: 'y' })).toMatchObject({ result: { hits: [{ _id: 'y', _score: 1 }] } });
    expect(await search({ id: 'none' })).toMatchObject({ result: { hits: [] } });
  });

  it.each<[object, string]>([
    [{ query: { top_k: 1 } }, "exactly one of 'inputs', 'vector' and 'id'"],
    [{ query: { top_k: 1, id: 'a', inputs: { text: 'a' } } }, "exactly one of 'inputs', 'vector' and 'id'"],
    [{ query: { top_k: 1, inputs: { text: 'a'.repeat(8_193) } } }, '8193 bytes'],
    [{ query: { top_k: 1, inputs: { text: 'a' }, match_terms: { terms: ['a'] } } }, 'match_terms'],
    [{ query: { top_k: 1, inputs: { text: 'a' } }, rerank: { model: 'm' } }, 'rank_fields'],
  ])('a search with %j is refused', async (body, part) => {
    expect(await call(`POST ${R}/search`, body)).toMatchObject(bad(part));
  });

  it('are refused by an index without a model', async () => {
    const reason = bad('Integrated inference is not configured for this index');
    expect(await call(`POST ${I}/records/namespaces/r/upsert`, '{"id":"a","text":"a"}')).toMatchObject(reason);
    const search = { query: { top_k: 1, inputs: { text: 'a' } } };
    expect(await call(`POST ${I}/records/namespaces/r/search`, search)).toMatchObject(reason);
  });
});

describe('versions', () => {
  it('decide the name of the default namespace and how counts are written', async () => {
    await call(`POST ${I}/vectors/upsert`, { vectors: [{ id: 'a', values: [1, 1] }] });
    const names = async (version: string) =>
      Object.keys(
        (await call(`POST ${I}/describe_index_stats`, {}, { 'x-pinecone-api-version': version })).body!['namespaces'] as object,
      );
    for (const version of ['2024-07', '2024-10', '2025-01']) expect(await names(version)).toContain('');
    for (const version of ['2025-04', '2026-07', '2026-01.alpha', 'unstable', ''])
      expect(await names(version)).toContain('__default__');
    for (const [version, count] of [
      ['2026-04', 1],
      ['2026-07', '1'],
    ] as const) {
      const { body } = await call(`GET ${I}/namespaces/__default__`, undefined, { 'x-pinecone-api-version': version });
      expect(body).toEqual({ name: '__default__', record_count: count });
    }
    for (const namespace of ['', '__default__', undefined]) {
      const { body } = await call(`POST ${I}/query`, { topK: 1, vector: [1, 1], namespace });
      expect(body).toMatchObject({ matches: [{ id: 'a' }] });
    }
  });

  it('unknown paths of the data plane are 400 in its shape, and those beside it the native 404 or the clients own', async () => {
    expect(await call(`POST ${I}/unheard`, {})).toMatchObject(wrong('does not support'));
    const pinecone = { 'x-pinecone-api-version': '2025-10' };
    expect(await call('GET /nowhere', undefined, pinecone)).toMatchObject({
      status: 404,
      body: { error: { code: 'NOT_FOUND' }, status: 404 },
    });
    expect(await call('GET /nowhere')).toMatchObject({ status: 404, body: { error: { code: 'ROUTE_NOT_FOUND' } } });
  });
});
