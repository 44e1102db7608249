import type { Table } from './types.ts';

const filter = { $or: [{ genre: 'a' }, { year: { $gte: 1990 } }] };
const DOCUMENTS = '/i/:index/namespaces/:namespace/documents';
const [V, T, O] = ['{vectors}', '{texts}', '{otherId}'].map((index) => `/i/${index}/namespaces/n/documents`);
const dense = { type: 'dense_vector', fields: ['_values'], values: [1, 2] };
const words = { type: 'text', field: 'text', query: 'note' };

/** Routes of documents in Pinecone's dialect. */
export const PINECONE_DOCUMENTS: Table = {
  [`POST ${DOCUMENTS}/upsert`]: [
    { path: `${V}/upsert`, body: { documents: [{ _id: 'a', _values: [1, 2], genre: 'a', tags: ['x'] }] } },
    { path: `${T}/upsert`, body: { documents: [{ _id: 'a', text: 'A short note.', year: 1 }] } },
    { path: `${O}/upsert`, body: { documents: [{ _id: 'a', text: 'b' }] } },
  ],
  [`POST ${DOCUMENTS}/search`]: [
    { path: `${V}/search`, body: { score_by: [dense], top_k: 3, include_fields: ['*'], filter } },
    { path: `${T}/search`, body: { score_by: [words], top_k: 3, include_fields: ['text'] } },
    { path: '/i/{otherId}/namespaces/__default__/documents/search', body: { score_by: [words], top_k: 2 } },
    { path: `${V}/search`, body: { score_by: [{ type: 'query_string', query: 'a:b' }], top_k: 3 } },
  ],
  [`POST ${DOCUMENTS}/fetch`]: [
    { path: `${V}/fetch`, body: { ids: ['a', 'b'], include_fields: ['genre'] } },
    { path: `${V}/fetch`, body: { filter, limit: 5, pagination_token: 'MQ' } },
    { path: `${O}/fetch`, body: { ids: ['spring.md'] } },
  ],
  [`POST ${DOCUMENTS}/list`]: [{ path: `${V}/list`, body: { prefix: 'a', limit: 10, pagination_token: 'YQ' } }],
  [`POST ${DOCUMENTS}/update`]: [
    { path: `${V}/update`, body: { documents: [{ _id: 'a', _values: [2, 1], genre: 'b', _remove_fields: ['tags'] }] } },
    { path: `${V}/update`, body: { filter, set_fields: { year: 2 }, remove_fields: ['tags'] } },
  ],
  [`POST ${DOCUMENTS}/delete`]: [
    { path: `${V}/delete`, body: { ids: ['b'] } },
    { path: `${V}/delete`, body: { filter: { genre: 'none' } } },
    { path: '/i/{vectors}/namespaces/m/documents/delete', body: { delete_all: true } },
  ],
};
