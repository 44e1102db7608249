import { PINECONE_DOCUMENTS } from './documents.ts';
import type { Table } from './types.ts';

const filter = { $and: [{ genre: { $in: ['a', 'b'] } }, { year: { $gte: 1990 } }] };
const spec = { serverless: { cloud: 'aws', region: 'us-east-1' } };
const vector = { id: 'a', values: [0.5, 0.4], metadata: { genre: 'a', year: 2001, tags: ['x'] } };
const schema = { fields: { _values: { type: 'dense_vector', dimension: 2, metric: 'cosine' } } };
const documentFields = {
  embedding: { type: 'dense_vector', dimension: 2, metric: 'cosine' },
  body: { type: 'string', full_text_search: { language: 'en' } },
};
const embed = { model: '{model}', field_map: { text: 'chunk' } };
const search = { query: { top_k: 2, inputs: { text: 'note' }, filter: { year: 1 } }, fields: ['text'] };
const [V, T, O] = ['/i/{vectors}', '/i/{texts}', '/i/{otherId}'];

/** Routes of Pinecone's dialect that are served. */
export const PINECONE: Table = {
  ...PINECONE_DOCUMENTS,
  'POST /indexes': [
    { path: '/indexes', body: { name: 'made', dimension: 2, metric: 'cosine', spec, tags: { a: 'b' } } },
    { path: '/indexes', body: { name: 'made', schema, deletion_protection: 'disabled' } },
    { path: '/indexes', body: { name: 'made', schema: { fields: documentFields } } },
  ],
  'POST /indexes/create-for-model': [
    { path: '/indexes/create-for-model', body: { name: 'made', cloud: 'aws', region: 'r', embed } },
  ],
  'GET /indexes': [{ path: '/indexes' }],
  'GET /indexes/:name': [{ path: '/indexes/vectors' }, { path: '/indexes/{other}' }],
  'PATCH /indexes/:name': [{ path: '/indexes/vectors', body: { tags: { a: '' }, deletion_protection: 'enabled' } }],
  'DELETE /indexes/:name': [{ path: '/indexes/{spareIndex}' }, { path: '/indexes/{other}' }],
  'GET /collections': [{ path: '/collections' }],
  'POST /indexes/:name/backups': [{ path: '/indexes/vectors/backups', body: { name: 'b', description: 'd' } }],
  'GET /indexes/:name/backups': [{ path: '/indexes/vectors/backups?limit=2&paginationToken=YQ' }],
  'GET /backups': [{ path: '/backups?limit=2' }],
  'GET /backups/:id': [{ path: '/backups/{backup}' }, { path: '/backups/none' }],
  'DELETE /backups/:id': [{ path: '/backups/none' }],
  'POST /backups/:id/create-index': [{ path: '/backups/{backup}/create-index', body: { name: 'made', tags: { a: 'b' } } }],
  'GET /restore-jobs': [{ path: '/restore-jobs' }],
  'GET /restore-jobs/:id': [{ path: '/restore-jobs/none' }],
  'POST /i/:index/vectors/upsert': [
    { path: `${V}/vectors/upsert`, body: { vectors: [vector, { ...vector, id: 'b' }], namespace: 'n' } },
    { path: `${O}/vectors/upsert`, body: { vectors: [vector] } },
  ],
  'POST /i/:index/bulk/imports': [
    { path: `${V}/bulk/imports`, body: { uri: '{imports}', errorMode: { onError: 'abort' } } },
    { path: `${V}/bulk/imports`, body: { uri: 's3://a', integrationId: 'b' } },
  ],
  'GET /i/:index/bulk/imports': [{ path: `${V}/bulk/imports?limit=2&paginationToken=Mg` }],
  'GET /i/:index/bulk/imports/:id': [{ path: `${V}/bulk/imports/1` }],
  'DELETE /i/:index/bulk/imports/:id': [{ path: `${V}/bulk/imports/1` }],
  'POST /i/:index/query': [
    { path: `${V}/query`, body: { topK: 3, vector: [1, 2], filter, includeMetadata: true, includeValues: true } },
    { path: `${V}/query`, body: { topK: 3, id: 'a', namespace: 'n' } },
    { path: `${O}/query`, body: { topK: 2, vector: Array.from({ length: 384 }, (_, at) => at / 384), includeMetadata: true } },
  ],
  'GET /i/:index/vectors/fetch': [
    { path: `${V}/vectors/fetch?ids=a&ids=b&namespace=n` },
    { path: `${O}/vectors/fetch?ids=spring.md` },
  ],
  'GET /i/:index/vectors/list': [{ path: `${V}/vectors/list?prefix=a&limit=10&paginationToken=YQ` }],
  'POST /i/:index/vectors/fetch_by_metadata': [
    { path: `${V}/vectors/fetch_by_metadata`, body: { filter, limit: 10, paginationToken: 'MQ' } },
  ],
  'POST /i/:index/vectors/update': [
    { path: `${V}/vectors/update`, body: { id: 'a', values: [1, 2], setMetadata: { year: 1 }, namespace: 'n' } },
    { path: `${V}/vectors/update`, body: { filter, setMetadata: { year: 2 }, dryRun: true } },
  ],
  'POST /i/:index/vectors/delete': [
    { path: `${V}/vectors/delete`, body: { ids: ['a'], namespace: 'n' } },
    { path: `${V}/vectors/delete`, body: { filter } },
    { path: `${V}/vectors/delete`, body: { deleteAll: true, namespace: 'm' } },
  ],
  'POST /i/:index/describe_index_stats': [
    { path: `${V}/describe_index_stats`, body: {} },
    { path: `${O}/describe_index_stats`, body: {} },
  ],
  'GET /i/:index/namespaces': [{ path: `${V}/namespaces?limit=3` }],
  'POST /i/:index/namespaces': [{ path: `${V}/namespaces`, body: { name: 'made' } }],
  'GET /i/:index/namespaces/:namespace': [{ path: `${V}/namespaces/n` }],
  'DELETE /i/:index/namespaces/:namespace': [{ path: `${V}/namespaces/made` }],
  'POST /i/:index/records/namespaces/:namespace/upsert': [
    {
      path: `${T}/records/namespaces/n/upsert`,
      lines: { type: 'application/x-ndjson', text: '{"id":"a","text":"A short note.","year":1}\n{"_id":"b","text":"Two."}\n' },
    },
  ],
  'POST /i/:index/records/namespaces/:namespace/search': [
    { path: `${T}/records/namespaces/n/search`, body: search },
    {
      path: `${T}/records/namespaces/n/search`,
      body: { ...search, rerank: { model: '{reranker}', rank_fields: ['text'], top_n: 1, query: 'note' } },
    },
    { path: `${O}/records/namespaces/__default__/search`, body: { query: { top_k: 1, inputs: { text: 'ferry' } } } },
  ],
  'POST /embed': [{ path: '/embed', body: { model: '{model}', parameters: { input_type: 'query' }, inputs: [{ text: 'a' }] } }],
  'POST /rerank': [
    {
      path: '/rerank',
      body: { model: '{reranker}', query: 'a note', top_n: 1, documents: [{ text: 'a' }, { text: 'b' }], rank_fields: ['text'] },
    },
  ],
  'GET /models': [{ path: '/models?type=embed' }],
  'GET /models/*': [{ path: '/models/{model}' }, { path: '/models/none' }],
};

const METHODS = ['GET', 'POST', 'PATCH', 'DELETE'] as const;
const plain = ['/backup-schedules', '/assistant', '/admin'];
const deep: readonly (readonly [pattern: string, path: string])[] = [
  ...[...plain, '/collections'].map((path) => [`${path}/*`, `${path}/x`] as const),
  ['/indexes/:name/*', '/indexes/vectors/backup-schedules'],
  ['/i/:index/bulk/*', `${V}/bulk/other`],
  ['/i/:index/namespaces/:namespace/documents/*', `${V}/namespaces/n/documents/other`],
  ['/i/:index/*', `${V}/anything`],
];

/** Routes of Pinecone's dialect that say why they are not served. */
export const REFUSED: Table = Object.fromEntries(
  METHODS.flatMap((method) => {
    const body = method === 'POST' || method === 'PATCH' ? { body: { name: 'a' } } : {};
    return [
      ...plain.map((path) => [path, path] as const),
      ...(method === 'GET' ? [] : [['/collections', '/collections'] as const]),
      ...deep,
    ].map(([pattern, path]) => [`${method} ${pattern}`, [{ path, ...body }]] as const);
  }),
);
