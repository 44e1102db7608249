import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { openKeys } from './support/api-keys.ts';
import { formOf, openOpenAiGateway, type OpenAiReply } from './support/openai.ts';

type Opened = Awaited<ReturnType<typeof openOpenAiGateway>>;

/** Calls that are expected to succeed, and what the tests do often. */
function helper({ call }: Pick<Opened, 'call'>) {
  const ok = async (name: string, json?: object): Promise<OpenAiReply['body']> => {
    const reply = await call(name, json === undefined ? {} : { json });
    expect([name, reply.status, reply.text]).toEqual([name, 200, reply.text]);
    return reply.body;
  };
  const upload = async (text: string, name = 'notes.md'): Promise<string> =>
    (await call('POST /v1/files', { form: formOf(text, name) })).body.id;
  const settled = async (url: string): Promise<OpenAiReply['body']> => {
    for (;;) {
      const body = await ok(`GET ${url}`);
      if (body.status !== 'in_progress') return body;
      await sleep(10);
    }
  };
  const make = async (json: object = {}): Promise<string> => (await ok('POST /v1/vector_stores', json)).id;
  const add = async (store: string, text: string, more: object = {}, name?: string) => {
    const file = await upload(text, name);
    await ok(`POST /v1/vector_stores/${store}/files`, { file_id: file, ...more });
    return settled(`/v1/vector_stores/${store}/files/${file}`);
  };
  const texts = async (store: string, json: object): Promise<string[]> =>
    (await ok(`POST /v1/vector_stores/${store}/search`, json)).data.map(({ content }) => content[0]!.text);
  return { ok, upload, settled, make, add, texts };
}

const STORKS = 'White storks nest on chimneys.';
const FLOOD = 'The spring flood begins in April.';

describe('a vector store', () => {
  test('is made, described, changed, listed and deleted', async () => {
    const opened = await openOpenAiGateway();
    const { ok, make } = helper(opened);
    const made = await ok('POST /v1/vector_stores', { name: 'Rivers', metadata: { team: 'water' } });
    expect(made).toEqual({
      id: expect.stringMatching(/^vs_[0-9a-f]{24}$/),
      object: 'vector_store',
      created_at: expect.any(Number),
      last_active_at: expect.any(Number),
      name: 'Rivers',
      description: '',
      status: 'completed',
      usage_bytes: 0,
      metadata: { team: 'water' },
      file_counts: { in_progress: 0, completed: 0, failed: 0, cancelled: 0, total: 0 },
      expires_after: null,
      expires_at: null,
    });
    const { id } = made;
    expect(opened.own.describe(id.replace('_', '-'))).toMatchObject({
      title: 'Rivers',
      model: 'test/model',
      visibility: 'private',
    });
    expect(await ok(`POST /v1/vector_stores/${id}`, { name: 'Lakes', metadata: null })).toMatchObject({
      name: 'Lakes',
      metadata: null,
    });
    const other = await make();
    expect((await ok('GET /v1/vector_stores')).data.map((one) => one.id)).toEqual([other, id]);
    expect(await ok('GET /v1/vector_stores?limit=1&order=asc')).toMatchObject({ data: [{ id }], has_more: true, last_id: id });
    expect(await ok(`DELETE /v1/vector_stores/${id}`)).toEqual({ id, object: 'vector_store.deleted', deleted: true });
    expect(await opened.call(`GET /v1/vector_stores/${id}`)).toMatchObject({
      status: 404,
      body: { error: { code: 'INDEX_NOT_FOUND' } },
    });
    expect(opened.own.list().map(({ name }) => name)).toEqual([other.replace('_', '-')]);
  });

  test('takes a file in, finds its chunks, and gives its text', async () => {
    const opened = await openOpenAiGateway();
    const { ok, make, add, texts } = helper(opened);
    const id = await make();
    const entry = await add(id, `# Birds\n\n${STORKS}`, { attributes: { year: 2026, kind: 'bird', seen: true } }, 'über #1%.md');
    expect(entry).toMatchObject({
      object: 'vector_store.file',
      vector_store_id: id,
      status: 'completed',
      last_error: null,
      attributes: { year: 2026, kind: 'bird', seen: true },
      chunking_strategy: { type: 'static', static: { max_chunk_size_tokens: 128, chunk_overlap_tokens: 0 } },
    });
    expect(entry.usage_bytes).toBeGreaterThan(40);
    const found = await ok(`POST /v1/vector_stores/${id}/search`, { query: 'where do storks nest' });
    expect(found).toEqual({
      object: 'vector_store.search_results.page',
      search_query: ['where do storks nest'],
      data: [
        {
          file_id: entry.id,
          filename: 'über #1%.md',
          score: expect.any(Number),
          attributes: { year: 2026, kind: 'bird', seen: true },
          content: [{ type: 'text', text: expect.stringContaining(STORKS) }],
        },
      ],
      has_more: false,
      next_page: null,
    });
    expect(await ok(`GET /v1/vector_stores/${id}`)).toMatchObject({
      status: 'completed',
      file_counts: { completed: 1, total: 1 },
      usage_bytes: entry.usage_bytes,
    });
    const content = await ok(`GET /v1/vector_stores/${id}/files/${entry.id}/content`);
    expect(content).toMatchObject({
      object: 'vector_store.file_content.page',
      data: [{ type: 'text', text: expect.stringContaining(STORKS) }],
      has_more: false,
    });
    expect(await ok(`DELETE /v1/vector_stores/${id}/files/${entry.id}`)).toEqual({
      id: entry.id,
      object: 'vector_store.file.deleted',
      deleted: true,
    });
    expect(await texts(id, { query: 'storks' })).toEqual([]);
    expect((await opened.call(`GET /v1/files/${entry.id}`)).status).toBe(200);
    expect(await opened.call(`GET /v1/vector_stores/${id}/files/${entry.id}`)).toMatchObject({
      status: 404,
      body: { error: { code: 'FILE_NOT_FOUND' } },
    });
  });

  test('cuts as its strategy says, and says what was done', async () => {
    const { make, add, ok } = helper(await openOpenAiGateway());
    const id = await make();
    const text = Array.from({ length: 60 }, (_, at) => `Stork number ${at} nests on the chimney.`).join(' ');
    const chunks = async (file: string) => (await ok(`GET /v1/vector_stores/${id}/files/${file}/content`)).data.length;
    const whole = await add(id, text);
    const small = { type: 'static', static: { max_chunk_size_tokens: 100, chunk_overlap_tokens: 50 } };
    const cut = await add(id, text, { chunking_strategy: small });
    expect(cut.chunking_strategy.static).toEqual({ max_chunk_size_tokens: 100, chunk_overlap_tokens: 0 });
    expect(await chunks(cut.id)).toBeGreaterThan(await chunks(whole.id));
    const large = { type: 'static', static: { max_chunk_size_tokens: 4_096, chunk_overlap_tokens: 400 } };
    const same = await add(id, text, { chunking_strategy: large });
    expect([same.chunking_strategy.static.max_chunk_size_tokens, await chunks(same.id)]).toEqual([128, await chunks(whole.id)]);
  });

  test('says why a file cannot be taken in', async () => {
    const opened = await openOpenAiGateway();
    const { make, add, upload, ok, settled } = helper(opened);
    const id = await make();
    expect(await add(id, 'x', {}, 'a.png')).toMatchObject({
      status: 'failed',
      last_error: { code: 'unsupported_file', message: expect.any(String) },
    });
    expect(await add(id, 'no PDF', {}, 'a.pdf')).toMatchObject({ status: 'failed', last_error: { code: 'invalid_file' } });
    const file = await upload('a');
    await ok(`DELETE /v1/files/${file}`);
    expect(await opened.call(`POST /v1/vector_stores/${id}/files`, { json: { file_id: file } })).toMatchObject({
      status: 404,
      body: { error: { code: 'FILE_NOT_FOUND' } },
    });
    const twice = await add(id, STORKS);
    await ok(`POST /v1/vector_stores/${id}/files`, { file_id: twice.id });
    expect(await settled(`/v1/vector_stores/${id}/files/${twice.id}`)).toMatchObject({ status: 'completed' });
    expect(await ok(`GET /v1/vector_stores/${id}`)).toMatchObject({ file_counts: { completed: 1, failed: 2, total: 3 } });
    expect((await ok(`GET /v1/vector_stores/${id}/files?filter=failed&order=asc`)).data.map(({ status }) => status)).toEqual([
      'failed',
      'failed',
    ]);
  });
});

describe('search', () => {
  test('filters by attributes, and new attributes replace the old ones', async () => {
    const { make, add, ok, texts } = helper(await openOpenAiGateway());
    const id = await make();
    const storks = await add(id, STORKS, { attributes: { year: 2026, kind: 'bird' } });
    await add(id, FLOOD, { attributes: { year: 1961, kind: 'water', big: true } });
    await add(id, 'no attributes');
    const by = async (filters: object) => (await texts(id, { query: 'storks flood attributes', filters })).toSorted();
    expect(await by({ type: 'eq', key: 'kind', value: 'bird' })).toEqual([STORKS]);
    expect(await by({ type: 'eq', key: 'big', value: true })).toEqual([FLOOD]);
    expect(await by({ type: 'ne', key: 'kind', value: 'bird' })).toEqual([FLOOD, 'no attributes']);
    expect(await by({ type: 'gte', key: 'year', value: 1961 })).toEqual([FLOOD, STORKS]);
    expect(await by({ type: 'lt', key: 'year', value: 1961 })).toEqual([]);
    expect(await by({ type: 'in', key: 'kind', value: ['bird', 'fish'] })).toEqual([STORKS]);
    expect(await by({ type: 'nin', key: 'kind', value: ['bird', 'water'] })).toEqual(['no attributes']);
    const either = {
      type: 'or',
      filters: [
        { type: 'eq', key: 'year', value: 1961 },
        { type: 'eq', key: 'kind', value: 'bird' },
      ],
    };
    expect(await by({ type: 'and', filters: [either, { type: 'gt', key: 'year', value: 2000 }] })).toEqual([STORKS]);
    const changed = await ok(`POST /v1/vector_stores/${id}/files/${storks.id}`, { attributes: { kind: 'stork' } });
    expect(changed).toMatchObject({ status: 'completed', attributes: { kind: 'stork' } });
    expect(await by({ type: 'eq', key: 'kind', value: 'stork' })).toEqual([STORKS]);
    expect(await by({ type: 'eq', key: 'kind', value: 'bird' })).toEqual([]);
    expect(await by({ type: 'eq', key: 'year', value: 2026 })).toEqual([]);
  });

  test('takes several queries, a number of results and a threshold', async () => {
    const { make, add, texts, ok } = helper(await openOpenAiGateway());
    const id = await make();
    await add(id, STORKS);
    await add(id, FLOOD);
    expect((await texts(id, { query: ['storks nest', 'spring flood'] })).toSorted()).toEqual([FLOOD, STORKS]);
    expect(await texts(id, { query: 'storks nest on chimneys', max_num_results: 1 })).toEqual([STORKS]);
    expect(await texts(id, { query: 'storks', ranking_options: { score_threshold: 1 } })).toEqual([]);
    const hybrid_search = { embedding_weight: 0, text_weight: 1 };
    const { data } = await ok(`POST /v1/vector_stores/${id}/search`, {
      query: 'flood',
      rewrite_query: true,
      ranking_options: { ranker: 'auto', hybrid_search },
    });
    expect(data[0]!.content[0]!.text).toBe(FLOOD);
  });
});

describe('a batch', () => {
  test('takes files in, with terms for all or for each', async () => {
    const { make, upload, ok, settled } = helper(await openOpenAiGateway());
    const id = await make();
    const files = await Promise.all([STORKS, FLOOD].map((text) => upload(text)));
    const batch = await ok(`POST /v1/vector_stores/${id}/file_batches`, { file_ids: files, attributes: { all: 1 } });
    expect(batch).toMatchObject({
      object: 'vector_store.file_batch',
      vector_store_id: id,
      status: 'in_progress',
      file_counts: { in_progress: 2, total: 2 },
    });
    const url = `/v1/vector_stores/${id}/file_batches/${batch.id}`;
    expect(await settled(url)).toMatchObject({ status: 'completed', file_counts: { completed: 2, total: 2 } });
    expect((await ok(`GET ${url}/files`)).data).toMatchObject(files.map(() => ({ attributes: { all: 1 } })));
    const each = await ok(`POST /v1/vector_stores/${id}/file_batches`, {
      files: files.map((file_id, at) => ({ file_id, attributes: { at } })),
    });
    await settled(`/v1/vector_stores/${id}/file_batches/${each.id}`);
    expect(await ok(`GET /v1/vector_stores/${id}/files/${files[1]}`)).toMatchObject({ attributes: { at: 1 } });
    const bad = await ok(`POST /v1/vector_stores/${id}/file_batches`, { file_ids: [await upload('x', 'a.png')] });
    expect(await settled(`/v1/vector_stores/${id}/file_batches/${bad.id}`)).toMatchObject({
      status: 'failed',
      file_counts: { failed: 1 },
    });
  });

  test('that is cancelled leaves nothing of the files that were not done', async () => {
    const { make, upload, ok } = helper(await openOpenAiGateway());
    const id = await make();
    const files = await Promise.all(Array.from({ length: 12 }, (_, at) => upload(`${STORKS} Number ${at}.`)));
    const { id: batch } = await ok(`POST /v1/vector_stores/${id}/file_batches`, { file_ids: files });
    const cancelled = await ok(`POST /v1/vector_stores/${id}/file_batches/${batch}/cancel`);
    expect(cancelled).toMatchObject({ status: 'cancelled', file_counts: { in_progress: 0, total: 12 } });
    const { completed, cancelled: gone } = cancelled.file_counts;
    expect([completed + gone, gone > 0]).toEqual([12, true]);
    const rest = await ok(`POST /v1/vector_stores/${id}/search`, { query: 'storks', max_num_results: 50 });
    expect(rest.data.length).toBe(completed);
  });
});

test('what is in a store is there after a restart, and jobs go on', async () => {
  const first = await openOpenAiGateway();
  const { make, add, upload, ok } = helper(first);
  const id = await make({ name: 'kept' });
  await add(id, STORKS);
  const files = await Promise.all(Array.from({ length: 10 }, (_, at) => upload(`${FLOOD} Number ${at}.`)));
  const { id: batch } = await ok(`POST /v1/vector_stores/${id}/file_batches`, { file_ids: files });
  await first.stop();
  const again = helper(await openOpenAiGateway({ folder: first.folder }));
  expect(await again.settled(`/v1/vector_stores/${id}/file_batches/${batch}`)).toMatchObject({
    status: 'completed',
    file_counts: { completed: 10 },
  });
  expect(await again.ok(`GET /v1/vector_stores/${id}`)).toMatchObject({ name: 'kept', file_counts: { completed: 11 } });
  expect(await again.texts(id, { query: 'storks nest', max_num_results: 1 })).toEqual([STORKS]);
});

test('a key sees and uses the stores of its indexes only', async () => {
  const keys = await openKeys();
  const { call } = await openOpenAiGateway({ keys });
  const all = await keys.make({ permissions: ['read', 'write', 'admin'] });
  const headers = (key: string) => ({ authorization: `Bearer ${key}` });
  const { body } = await call('POST /v1/vector_stores', { json: {}, headers: headers(all.key) });
  const one = await keys.make({ permissions: ['read'], indexes: [body.id.replace('_', '-')] });
  const other = await keys.make({ permissions: ['read', 'write', 'admin'], indexes: ['rivers'] });
  const status = async (name: string, key: string, json?: object) =>
    (await call(name, { headers: headers(key), ...(json ? { json } : {}) })).status;
  expect(await status(`GET /v1/vector_stores/${body.id}`, one.key)).toBe(200);
  expect(await status(`POST /v1/vector_stores/${body.id}/search`, one.key, { query: 'a' })).toBe(200);
  expect(await status(`DELETE /v1/vector_stores/${body.id}`, one.key)).toBe(403);
  expect(await status(`GET /v1/vector_stores/${body.id}`, other.key)).toBe(403);
  expect(await status('POST /v1/vector_stores', other.key, {})).toBe(403);
  expect((await call('GET /v1/vector_stores', { headers: headers(other.key) })).body.data).toEqual([]);
});
