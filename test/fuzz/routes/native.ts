import type { Table } from './types.ts';

const filter = { $and: [{ lang: { $in: ['en', 'de'] } }, { year: { $gte: 1990 } }] };
const vector = [0.5, 0.25];
const asked = { query: 'ferry', mode: 'bm25', topK: 3, minRelevance: 0 };

/** Routes of a gateway, and those of its own indexes. */
export const NATIVE: Table = {
  'GET /': [{ path: '/' }, { path: '/?q=ferry', headers: { 'sec-fetch-site': 'same-origin' } }],
  'GET /assets/page.js': [{ path: '/assets/page.js' }],
  'GET /assets/page.css': [{ path: '/assets/page.css' }],
  'GET /healthz': [{ path: '/healthz' }],
  'GET /readyz': [{ path: '/readyz' }],
  'GET /metrics': [{ path: '/metrics' }],
  'GET /openapi.json': [{ path: '/openapi.json' }],
  'GET /v1/limits': [{ path: '/v1/limits' }],
  'GET /v1/credit': [{ path: '/v1/credit' }],
  'GET /v1/indexes': [{ path: '/v1/indexes' }],
  'POST /v1/query': [
    { path: '/v1/query', body: { ...asked, index: 'texts' } },
    { path: '/v1/query', body: { ...asked, index: '{other}', includeProof: true, maxCharge: '100' } },
    { path: '/v1/query', body: { vector, index: '{vectors}', topK: 3, filter, namespace: 'n' } },
    { path: '/v1/query', body: { query: 'ferry', index: '{other}', mode: 'hybrid', denseWeight: 0.5, filter } },
    { path: '/v1/query', body: asked },
  ],
  'POST /v1/relay': [{ path: '/v1/relay', body: { nonce: 'A'.repeat(43), body: '{question}', maxCharge: '100' } }],
  'GET /v1/consistency': [{ path: '/v1/consistency?index={otherId}&first=1&second=1' }],
  'GET /v1/proofs/:receipt': [{ path: '/v1/proofs/{receipt}' }, { path: `/v1/proofs/${'ab'.repeat(32)}` }],
  'GET /v1/recovered': [{ path: '/v1/recovered' }],
  'GET /v1/recovered/:receipt': [{ path: `/v1/recovered/${'ab'.repeat(32)}` }],
  'DELETE /v1/recovered/:receipt': [{ path: `/v1/recovered/${'ab'.repeat(32)}` }],
  'POST /v1/indexes': [
    { path: '/v1/indexes', body: { name: 'made', dimension: 3, metric: 'euclidean', title: 'A title' } },
    { path: '/v1/indexes', body: { name: 'made-too', model: '{model}', description: 'd', licence: 'CC0-1.0' } },
  ],
  'GET /v1/indexes/:name': [{ path: '/v1/indexes/vectors' }, { path: '/v1/indexes/{texts}' }],
  'DELETE /v1/indexes/:name': [{ path: '/v1/indexes/{spareIndex}' }, { path: '/v1/indexes/none' }],
  'POST /v1/indexes/:name/records': [
    {
      path: '/v1/indexes/vectors/records',
      body: {
        namespace: 'n',
        records: [
          { id: 'a', vector, metadata: { lang: 'en', year: 2001, tags: ['x'] }, sell: true, licence: null },
          { id: 'b', vector: 'AACAPwAAAEA', text: 'words' },
        ],
      },
    },
    { path: '/v1/indexes/texts/records', body: { records: [{ id: 'a', text: 'A note.', metadata: { lang: 'de' } }] } },
  ],
  'PATCH /v1/indexes/:name/records': [
    { path: '/v1/indexes/vectors/records', body: { id: 'a', namespace: 'n', vector, setMetadata: { year: 1 } } },
    { path: '/v1/indexes/texts/records', body: { id: 'a', text: 'Other words.' } },
  ],
  'POST /v1/indexes/:name/records/delete': [
    { path: '/v1/indexes/vectors/records/delete', body: { ids: ['a', 'z'], namespace: 'n' } },
    { path: '/v1/indexes/vectors/records/delete', body: { filter } },
    { path: '/v1/indexes/vectors/records/delete', body: { all: true, namespace: 'm' } },
  ],
  'POST /v1/indexes/:name/records/fetch': [
    { path: '/v1/indexes/vectors/records/fetch', body: { ids: ['a', 'b', 'z'], namespace: 'n', vectors: true } },
  ],
  'GET /v1/indexes/:name/records': [
    { path: '/v1/indexes/vectors/records?namespace=n&limit=2&prefix=a' },
    { path: '/v1/indexes/texts/records?after=a' },
  ],
  'GET /v1/indexes/:name/records/count': [{ path: '/v1/indexes/vectors/records/count' }],
  'POST /v1/indexes/:name/documents': [
    {
      path: '/v1/indexes/texts/documents?name=note.md&namespace=d',
      lines: { type: 'text/markdown', text: '# A note\n\nStorks nest on chimneys.' },
    },
    {
      path: '/v1/indexes/texts/documents',
      form: { fields: { metadata: '{"lang":"en"}' }, name: 'form.txt', text: 'A ferry crosses the river.' },
      headers: { accept: 'application/x-ndjson' },
    },
  ],
  'GET /v1/indexes/:name/documents': [{ path: '/v1/indexes/texts/documents?namespace=d&limit=2&after=note.md' }],
  'DELETE /v1/indexes/:name/documents/:document': [{ path: '/v1/indexes/texts/documents/note.md?namespace=d' }],
};
