// Reranking in Pinecone's dialect: what is taken and refused, with its messages; over a real store.
import { StoreError } from '@tributary/store';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openPineconeGateway, type PineconeGateway } from './support/pinecone.ts';

const MODEL = 'test/reranker';
const RECORDS = '/i/notes/records/namespaces/n';

let opened: PineconeGateway;
beforeAll(async () => {
  opened = await openPineconeGateway();
  await opened.store.createIndex({ name: 'notes', dimension: 3, metric: 'cosine', model: { id: 'test/model' } });
  const lines = Array.from({ length: 101 }, (_, at) => JSON.stringify({ id: `n${at}`, text: at === 7 ? 'abc' : 'a', at }));
  await opened.call(`POST ${RECORDS}/upsert`, lines.join('\n'));
});
afterAll(() => opened.gateway.close());

const call = async (url: string, json: object) => {
  const { status, body } = await opened.call(`POST ${url}`, json);
  return { status, body, message: (body?.['error'] as { message: string } | undefined)?.message };
};
const documents = [{ text: 'ab' }, { text: 'abc' }, { text: 'x' }];
const rerank = (change: object = {}) => call('/rerank', { model: MODEL, query: 'abc', documents, ...change });

describe('POST /rerank', () => {
  it('orders documents by their scores, with or without them', async () => {
    expect((await rerank()).body).toEqual({
      model: MODEL,
      data: [
        { index: 1, score: 1, document: { text: 'abc' } },
        { index: 0, score: 0.6666667, document: { text: 'ab' } },
        { index: 2, score: 0, document: { text: 'x' } },
      ],
      usage: { rerank_units: 1 },
    });
    const { body } = await rerank({ model: 'reranker', top_n: 2, return_documents: false });
    expect(body).toMatchObject({ model: MODEL, data: [{ index: 1, score: 1 }, { index: 0 }] });
    expect(body!['data']).not.toContainEqual(expect.objectContaining({ document: expect.anything() }));
    // More than there are, null for what is left out, and parameters that other models have.
    const more = await rerank({ top_n: 9, rank_fields: null, parameters: { inputType: 'passage', truncate: 'END' } });
    expect(more.body).toMatchObject({ data: [{}, {}, {}] });
    const same = await rerank({ documents: [{ text: 'x' }, { text: 'y' }, { text: 'z' }] });
    expect((same.body!['data'] as { index: number }[]).map(({ index }) => index)).toEqual([0, 1, 2]);
  });

  it.each<[string, object, RegExp]>([
    ['a field that a document lacks', { rank_fields: ['body'] }, /^field 'body' not found in document at index 0$/],
    ['a field that is null', { documents: [{ text: 'a' }, { text: null }] }, /^field 'text' not found in document at index 1$/],
    ['what objects inherit', { rank_fields: ['constructor'] }, /not found in document at index 0$/],
    ['a field that is no text', { documents: [{ text: 5 }] }, /^field 'text' in document at index 0 is not a text$/],
    ['two fields', { rank_fields: ['a', 'b'] }, /^"Only one rank field is supported for model/],
    ['no field', { rank_fields: [] }, /rank_fields/],
    ['no document', { documents: [] }, /give 1 to 100 documents/],
    ['101 documents', { documents: Array.from({ length: 101 }, () => ({ text: 'a' })) }, /give 1 to 100 documents/],
    ['no question', { query: '' }, /query/],
    ['a long question', { query: 'a'.repeat(8_193) }, /8193 bytes, more than 8192/],
    ['a long text', { documents: [{ text: 'a'.repeat(65_537) }] }, /index 0 has more than 65536 bytes/],
    ['none of the best', { top_n: 0 }, /top_n/],
    ['a way to cut that is none', { parameters: { truncate: 'START' } }, /truncate/],
    ['a member that is none', { topN: 1 }, /topN/],
  ])('refuses %s', async (_, change, message) => {
    expect(await rerank(change)).toMatchObject({ status: 400, message: expect.stringMatching(message) });
  });

  it('takes the longest question and text, and 100 documents', async () => {
    const most = Array.from({ length: 100 }, (_, at) => ({ text: at === 0 ? 'a'.repeat(65_536) : 'b' }));
    expect(await rerank({ documents: most, query: 'a'.repeat(8_192) })).toMatchObject({ status: 200 });
  });

  it('says that another model is not there, and which is', async () => {
    expect(await rerank({ model: 'bge-reranker-v2-m3' })).toMatchObject({
      status: 404,
      message: "Model 'bge-reranker-v2-m3' not found. This node reranks with test/reranker",
    });
  });
});

describe('rerank in a search of records', () => {
  const search = (rerankWith: object, query: object = { top_k: 20, inputs: { text: 'abc' } }, more: object = {}) =>
    call(`${RECORDS}/search`, { query, rerank: { model: MODEL, rank_fields: ['text'], ...rerankWith }, ...more });

  it('orders the hits again, with its own scores, and counts a unit', async () => {
    const found = await search({ top_n: 2, query: 'cab' }, { top_k: 100, inputs: { text: 'abc' } }, { fields: ['at'] });
    expect(found.body).toMatchObject({
      result: { hits: [{ _id: 'n7', _score: 1, fields: { at: 7 } }, { _score: 0.33333334 }] },
      usage: { read_units: 1, rerank_units: 1 },
    });
    expect((await search({}, { top_k: 3, id: 'n1' })).message).toBe('rerank.query: must be provided for a search without a text');
    expect(await search({ query: 'abc' }, { top_k: 3, id: 'n7' })).toMatchObject({ status: 200 });
  });

  it('refuses more hits than it can order, a field that is not there, and another model', async () => {
    const all = await search({}, { top_k: 101, inputs: { text: 'a' } });
    expect(all).toMatchObject({ status: 400, message: expect.stringMatching(/101 records .* at most 100 .* top_k/) });
    expect(await search({ rank_fields: ['other'] })).toMatchObject({
      status: 400,
      message: "field 'other' not found in document at index 0",
    });
    expect(await search({ model: 'other' })).toMatchObject({ status: 404 });
    const plain = await call(`${RECORDS}/search`, { query: { top_k: 1, inputs: { text: 'a' } } });
    expect(plain.body!['usage']).not.toHaveProperty('rerank_units');
  });
});

it('without a reranking model, both are refused with the reason, and none is listed', async () => {
  const without = await openPineconeGateway(undefined, {}, { reranker: null });
  onTestFinished(() => without.gateway.close());
  await without.store.createIndex({ name: 'notes', dimension: 3, metric: 'cosine', model: { id: 'test/model' } });
  const asked = { model: MODEL, query: 'a', documents };
  const query = { top_k: 1, inputs: { text: 'a' } };
  for (const [url, json] of [
    ['/rerank', asked],
    [`${RECORDS}/search`, { query, rerank: { model: MODEL, rank_fields: ['text'] } }],
  ] as const) {
    const { status, body } = await without.call(`POST ${url}`, json);
    expect([status, body]).toEqual([
      400,
      {
        error: {
          code: 'INVALID_ARGUMENT',
          message: 'This node does not support reranking: it was started without --rerank-model FOLDER',
        },
        status: 400,
      },
    ]);
  }
  expect((await without.call('GET /models?type=rerank')).body).toEqual({ models: [] });
  expect((await without.call(`GET /models/${encodeURIComponent(MODEL)}`)).status).toBe(404);
});

it('a model that fails is a 4xx, which clients do not repeat', async () => {
  const fails = async (): Promise<never> => {
    throw new StoreError('RERANK_FAILED', 'the reranking model failed: out of memory');
  };
  const broken = await openPineconeGateway(undefined, {}, { reranker: { id: MODEL, maxTokens: 40, rerank: fails } });
  onTestFinished(() => broken.gateway.close());
  const { status, body } = await broken.call('POST /rerank', { model: MODEL, query: 'a', documents });
  expect(status).toBe(400);
  expect(body).toMatchObject({
    error: { code: 'FAILED_PRECONDITION', message: 'the reranking model failed: out of memory' },
  });
});
