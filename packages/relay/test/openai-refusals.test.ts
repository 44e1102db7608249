import { expect, test } from 'vitest';
import { openOpenAiGateway } from './support/openai.ts';

const REFUSED: [path: string, json: object, param: string][] = [
  ['', { name: 1 }, 'name'],
  ['', { metadata: { a: 1 } }, 'metadata.a'],
  ['', { metadata: Object.fromEntries(Array.from({ length: 17 }, (_, at) => [`k${at}`, ''])) }, 'metadata'],
  ['', { expires_after: { anchor: 'last_active_at', days: 1 } }, 'expires_after'],
  ['', { file_ids: ['a', 'a'] }, 'file_ids'],
  ['', { surprise: 1 }, 'surprise'],
  ['/ID/files', {}, 'file_id'],
  ['/ID/files', { file_id: 'f', attributes: { a: [1] } }, 'attributes.a'],
  ['/ID/files', { file_id: 'f', attributes: { $a: 1 } }, 'attributes.$a'],
  ['/ID/files', { file_id: 'f', attributes: { a: 'x'.repeat(513) } }, 'attributes.a'],
  [
    '/ID/files',
    { file_id: 'f', chunking_strategy: { type: 'static', static: { max_chunk_size_tokens: 99, chunk_overlap_tokens: 0 } } },
    'chunking_strategy.static.max_chunk_size_tokens',
  ],
  [
    '/ID/files',
    { file_id: 'f', chunking_strategy: { type: 'static', static: { max_chunk_size_tokens: 100, chunk_overlap_tokens: 51 } } },
    'chunking_strategy.static',
  ],
  ['/ID/file_batches', {}, 'file_ids'],
  ['/ID/file_batches', { file_ids: ['a'], files: [{ file_id: 'a' }] }, 'file_ids'],
  ['/ID/file_batches', { file_ids: Array(2_001).fill('a') }, 'file_ids'],
  ['/ID/search', {}, 'query'],
  ['/ID/search', { query: '' }, 'query'],
  ['/ID/search', { query: 'a', max_num_results: 51 }, 'max_num_results'],
  ['/ID/search', { query: 'a', filters: { type: 'like', key: 'a', value: 'b' } }, 'filters'],
  ['/ID/search', { query: 'a', ranking_options: { score_threshold: 2 } }, 'ranking_options.score_threshold'],
];

test('what is wrong is refused, and named', async () => {
  const { call } = await openOpenAiGateway();
  const { body } = await call('POST /v1/vector_stores', { json: {} });
  for (const [path, json, param] of REFUSED) {
    const reply = await call(`POST /v1/vector_stores${path.replace('ID', body.id)}`, { json });
    expect([path, reply.status, reply.body.error.param]).toEqual([path, 400, param]);
  }
});
