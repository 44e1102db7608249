import type { Table } from './types.ts';

const S = '/v1/vector_stores/{store}';
const chunking = { type: 'static', static: { max_chunk_size_tokens: 100, chunk_overlap_tokens: 10 } };
const filters = {
  type: 'or',
  filters: [
    { type: 'in', key: 'a', value: ['b', 1] },
    { type: 'eq', key: 'c', value: true },
  ],
};
const ranking = { ranker: 'auto', score_threshold: 0.1, hybrid_search: { embedding_weight: 1, text_weight: 2 } };
const query = { query: ['storks', 'flood'], max_num_results: 3, filters, ranking_options: ranking, rewrite_query: true };

/** Routes of OpenAI's dialect. */
export const OPENAI: Table = {
  'POST /v1/embeddings': [
    { path: '/v1/embeddings', body: { model: '{model}', input: ['a', 'b'], encoding_format: 'base64', user: 'u' } },
    { path: '/v1/embeddings', body: { model: '{model}', input: 'a', dimensions: 2 } },
  ],
  'GET /v1/models': [{ path: '/v1/models' }],
  'GET /v1/models/*': [{ path: '/v1/models/{model}' }, { path: '/v1/models/none' }],
  'POST /v1/files': [
    { path: '/v1/files', form: { fields: { purpose: 'assistants' }, name: 'notes.md', text: 'White storks nest on chimneys.' } },
  ],
  'GET /v1/files': [{ path: '/v1/files?limit=1&order=asc&after={file}&purpose=vision' }, { path: '/v1/files' }],
  'GET /v1/files/:id': [{ path: '/v1/files/{file}' }],
  'GET /v1/files/:id/content': [{ path: '/v1/files/{file}/content' }],
  'DELETE /v1/files/:id': [{ path: '/v1/files/{spareFile}' }, { path: '/v1/files/none' }],
  'POST /v1/vector_stores': [
    { path: '/v1/vector_stores', body: { name: 'n', metadata: { a: 'b' }, file_ids: ['{file}'], chunking_strategy: chunking } },
  ],
  'GET /v1/vector_stores': [{ path: '/v1/vector_stores?limit=1&before={store}' }],
  'GET /v1/vector_stores/:id': [{ path: S }],
  'POST /v1/vector_stores/:id': [{ path: S, body: { name: 'n', metadata: { a: 'b' }, expires_after: null } }],
  'DELETE /v1/vector_stores/:id': [{ path: '/v1/vector_stores/{spareStore}' }, { path: '/v1/vector_stores/none' }],
  'POST /v1/vector_stores/:id/search': [{ path: `${S}/search`, body: query }],
  'POST /v1/vector_stores/:id/files': [
    { path: `${S}/files`, body: { file_id: '{file}', attributes: { a: 'b', c: 1, d: true }, chunking_strategy: chunking } },
  ],
  'GET /v1/vector_stores/:id/files': [{ path: `${S}/files?filter=completed&limit=2` }],
  'GET /v1/vector_stores/:id/files/:member': [{ path: `${S}/files/{file}` }],
  'POST /v1/vector_stores/:id/files/:member': [{ path: `${S}/files/{file}`, body: { attributes: { a: 1 } } }],
  'DELETE /v1/vector_stores/:id/files/:member': [{ path: `${S}/files/none` }, { path: `${S}/files/{file}` }],
  'GET /v1/vector_stores/:id/files/:member/content': [{ path: `${S}/files/{file}/content` }],
  'POST /v1/vector_stores/:id/file_batches': [
    { path: `${S}/file_batches`, body: { files: [{ file_id: '{file}', attributes: { a: 'b' } }] } },
    { path: `${S}/file_batches`, body: { file_ids: ['{file}'], chunking_strategy: chunking } },
  ],
  'GET /v1/vector_stores/:id/file_batches/:member': [{ path: `${S}/file_batches/{batch}` }],
  'GET /v1/vector_stores/:id/file_batches/:member/files': [{ path: `${S}/file_batches/{batch}/files` }],
  'POST /v1/vector_stores/:id/file_batches/:member/cancel': [{ path: `${S}/file_batches/{batch}/cancel`, body: {} }],
};
