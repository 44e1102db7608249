// A real node process: private indexes over HTTP, questions to them, restarts and kills in between.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWorkplace, type Running, type Workplace } from './_processes.ts';

let workplace: Workplace;
let data: string;
let node: Running;
let url: string;

async function startNode(): Promise<void> {
  node = workplace.start(['node', '--data', data, '--port', '0']);
  url = (await node.says(/node at (http:\S+)/))[1]!;
}

/** What the tests read of replies. */
interface Body {
  id: string;
  count: number;
  deleted: string;
  own: { name: string }[];
  indexes: unknown[];
  results: unknown[];
  records: { id: string; vector?: string }[];
  error: { code: string };
}

interface Reply {
  status: number;
  body: Body;
}

async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Reply> {
  const raw = typeof body === 'string' || body instanceof Uint8Array;
  const response = await fetch(`${url}${path}`, {
    method,
    ...(body === undefined
      ? {}
      : { body: raw ? (body as string) : JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } }),
  });
  return { status: response.status, body: (await response.json()) as Body };
}

beforeAll(async () => {
  workplace = await openWorkplace();
  data = await mkdtemp(join(tmpdir(), 'tributary-node-'));
  await startNode();
}, 120_000);
afterAll(async () => {
  await workplace.close();
  await rm(data, { recursive: true, force: true });
});

describe('a private index', () => {
  it('is made, written and asked at once', async () => {
    const made = await call('POST', '/v1/indexes', { name: 'notes', dimension: 3 });
    expect(made).toMatchObject({
      status: 201,
      body: { name: 'notes', dimension: 3, model: null, visibility: 'private', records: 0, sequence: 0 },
    });
    const records = [
      { id: 'a', vector: [1, 0, 0], text: 'the spring flood', metadata: { year: 1961 } },
      { id: 'b', vector: [0, 1, 0], text: 'a dry summer' },
    ];
    expect(await call('POST', '/v1/indexes/notes/records', { records })).toEqual({
      status: 200,
      body: { count: 2, sequence: 1 },
    });
    const asked = await call('POST', '/v1/query', { index: 'notes', vector: [1, 0.1, 0], topK: 1 });
    expect(asked).toMatchObject({
      status: 200,
      body: {
        index: made.body.id,
        results: [{ rank: 1, id: 'a', metadata: { year: 1961 }, text: 'the spring flood', verified: false, custody: 'self' }],
        usage: { charge: '0', receipt: null },
        notProven: ['answer'],
      },
    });
    // The text cannot be embedded here, so its words are searched.
    const words = await call('POST', '/v1/query', { index: made.body.id, query: 'summer' });
    expect(words.body).toMatchObject({ mode: 'bm25', results: [{ id: 'b' }] });
  });

  it('is listed as own and offered to nobody', async () => {
    const { body } = await call('GET', '/v1/indexes');
    expect(body.own).toMatchObject([{ name: 'notes', records: 2, visibility: 'private' }]);
    expect(body.indexes).toEqual([]);
    expect(await call('GET', '/readyz')).toMatchObject({ status: 200, body: { ready: true } });
  });

  it('changes, fetches, lists, counts and deletes records', async () => {
    const records = '/v1/indexes/notes/records';
    await call('POST', records, { namespace: 'ns', records: [{ id: 'x/#1', vector: [0.5, 0.4, 0.1] }] });
    expect(await call('PATCH', records, { id: 'a', setMetadata: { river: 'Ob' } })).toMatchObject({ body: { count: 1 } });
    expect(await call('PATCH', records, { id: 'nobody', text: 'x' })).toMatchObject({ status: 200, body: { count: 0 } });
    const fetched = await call('POST', `${records}/fetch`, { ids: ['b', 'missing', 'a'] });
    expect(fetched.body.records).toMatchObject([{ id: 'b' }, { id: 'a', metadata: { year: 1961, river: 'Ob' }, sequence: 3 }]);
    expect(fetched.body.records[0]!.vector).toBeUndefined();
    const vectors = await call('POST', `${records}/fetch`, { namespace: 'ns', ids: ['x/#1'], vectors: true });
    const bytes = Buffer.from(vectors.body.records[0]!.vector!, 'base64url');
    expect([...new Float32Array(new Uint8Array(bytes).buffer)]).toEqual([...Float32Array.of(0.5, 0.4, 0.1)]);
    expect((await call('GET', `${records}?limit=1`)).body).toEqual({ ids: ['a'], next: 'a' });
    expect((await call('GET', `${records}?limit=1&after=a`)).body).toEqual({ ids: ['b'], next: null });
    expect((await call('GET', `${records}?namespace=ns&prefix=x%2F`)).body).toEqual({ ids: ['x/#1'], next: null });
    expect((await call('GET', `${records}/count`)).body).toMatchObject({ count: 3 });
    expect((await call('GET', `${records}/count?namespace=ns`)).body).toMatchObject({ count: 1 });
    expect((await call('POST', `${records}/delete`, { namespace: 'ns', all: true })).body).toMatchObject({ count: 1 });
    expect((await call('POST', `${records}/delete`, { filter: { year: 1961 } })).body).toMatchObject({ count: 1 });
    expect((await call('GET', `${records}/count`)).body).toMatchObject({ count: 1 });
  });
});

describe('wrong calls', () => {
  const records = '/v1/indexes/notes/records';
  it.each<[string, string, string, unknown, number, string]>([
    ['an index name that is none', 'POST', '/v1/indexes', { name: 'No Name', dimension: 3 }, 400, 'INDEX_NAME'],
    ['a name that is taken', 'POST', '/v1/indexes', { name: 'notes', dimension: 3 }, 409, 'INDEX_EXISTS'],
    ['a model that is not here', 'POST', '/v1/indexes', { name: 'other', model: 'x/y' }, 422, 'MODEL_NOT_FOUND'],
    ['no such index', 'GET', '/v1/indexes/nothing/records', undefined, 404, 'INDEX_NOT_FOUND'],
    ['an unknown member', 'POST', records, { records: [{ id: 'a', values: [1] }] }, 400, 'INPUT_SHAPE'],
    ['no records', 'POST', records, { records: [] }, 400, 'INPUT_SHAPE'],
    ['an id twice', 'POST', records, { records: [0, 1].map(() => ({ id: 'a', vector: [1, 0, 0] })) }, 400, 'INPUT_SHAPE'],
    ['an id of 513 bytes', 'POST', records, { records: [{ id: 'a'.repeat(513), vector: [1, 0, 0] }] }, 400, 'INPUT_SHAPE'],
    [
      '1001 records',
      'POST',
      records,
      { records: Array.from({ length: 1_001 }, (_, at) => ({ id: `${at}` })) },
      400,
      'INPUT_SHAPE',
    ],
    ['another dimension', 'POST', records, { records: [{ id: 'a', vector: [1, 0] }] }, 400, 'VECTOR_DIMENSION'],
    ['a vector of zeros', 'POST', records, { records: [{ id: 'a', vector: [0, 0, 0] }] }, 400, 'VECTOR_ZERO'],
    ['a number beyond float32', 'POST', records, { records: [{ id: 'a', vector: [1e39, 0, 0] }] }, 400, 'VECTOR_NOT_FINITE'],
    ['no vector where nobody embeds', 'POST', records, { records: [{ id: 'a', text: 'a' }] }, 400, 'RECORD_INVALID'],
    ['metadata that nests', 'POST', records, { records: [{ id: 'a', metadata: { a: { b: 1 } } }] }, 400, 'INPUT_SHAPE'],
    ['a poisoned key', 'POST', records, '{"records":[{"id":"a","metadata":{"__proto__":{"x":1}}}]}', 400, 'INPUT_NOT_JSON'],
    ['nothing to change', 'PATCH', records, { id: 'a' }, 400, 'INPUT_SHAPE'],
    ['two kinds of deletion', 'POST', `${records}/delete`, { ids: ['a'], all: true }, 400, 'INPUT_SHAPE'],
    ['a filter that is none', 'POST', `${records}/delete`, { filter: { $bad: 1 } }, 400, 'FILTER_INVALID'],
    ['a page of none', 'GET', `${records}?limit=0`, undefined, 400, 'INPUT_SHAPE'],
    ['a query member twice', 'GET', `${records}?limit=1&limit=2`, undefined, 400, 'INPUT_SHAPE'],
    ['a proof of an own index', 'POST', '/v1/query', { index: 'notes', query: 'a', includeProof: true }, 400, 'QUERY_INVALID'],
    ['no JSON', 'POST', records, '{"records":', 400, 'INPUT_NOT_JSON'],
    ['too much', 'POST', records, `{"records":"${'a'.repeat(33_554_432)}"}`, 413, 'INPUT_TOO_LARGE'],
  ])('%s is refused with its code', async (_, method, path, body, status, code) => {
    const reply = await call(method, path, body);
    expect([reply.status, reply.body.error.code]).toEqual([status, code]);
    expect((await call('GET', '/v1/indexes/notes/records/count')).body.count).toBe(1);
  });

  it('gets the limits from the node', async () => {
    const { body } = await call('GET', '/v1/limits');
    expect(body).toMatchObject({ bodyBytes: 33_554_432, recordsPerUpsert: 1_000 });
  });
});

describe('acknowledged means durable', () => {
  it('after a kill in the middle of upserts every acknowledged record is there', async () => {
    await call('POST', '/v1/indexes', { name: 'kill', dimension: 8 });
    const acknowledged: string[] = [];
    const stop = { now: false };
    const write = async (writer: number): Promise<void> => {
      for (let batch = 0; !stop.now; batch += 1) {
        const ids = Array.from({ length: 50 }, (_, at) => `${writer}-${batch}-${at}`);
        const records = ids.map((id) => ({ id, vector: Array.from({ length: 8 }, Math.random), text: id }));
        const reply = await call('POST', '/v1/indexes/kill/records', { records }).catch(() => null);
        if (reply?.status !== 200) return;
        acknowledged.push(...ids);
      }
    };
    const writers = [0, 1, 2].map(write);
    while (acknowledged.length < 300) await new Promise((resolve) => setTimeout(resolve, 10));
    await node.kill('SIGKILL');
    stop.now = true;
    await Promise.all(writers);
    await startNode();
    for (let at = 0; at < acknowledged.length; at += 1_000) {
      const ids = acknowledged.slice(at, at + 1_000);
      const { body } = await call('POST', '/v1/indexes/kill/records/fetch', { ids });
      expect(body.records.map(({ id }) => id)).toEqual(ids);
    }
    // The earlier records are there too.
    expect((await call('POST', '/v1/query', { index: 'notes', query: 'summer' })).body.results).toMatchObject([{ id: 'b' }]);
  }, 120_000);

  it('an index that is deleted is gone, also after a restart', async () => {
    const { body } = await call('DELETE', '/v1/indexes/kill');
    expect(body.deleted).toMatch(/^kill@/);
    await node.kill('SIGTERM');
    await startNode();
    expect((await call('GET', '/v1/indexes')).body.own.map(({ name }) => name)).toEqual(['notes']);
  }, 120_000);
});

it('a node without keys listens on loopback only', async () => {
  const { code, err } = await workplace.run('node', '--data', join(data, 'second'), '--port', '0', '--host', '0.0.0.0');
  expect(code).toBe(1);
  expect(err).toContain('tributary key create');
});
