// The SDK and the command line as clients of a real node process.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHttpClient } from '@tributary/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openWorkplace, type Workplace } from './_processes.ts';

let place: Workplace;
let folder: string;
let url: string;
beforeAll(async () => {
  place = await openWorkplace();
  folder = await mkdtemp(join(tmpdir(), 'tributary-node-clients-'));
  const node = place.start(['node', '--data', join(folder, 'node'), '--port', '0']);
  url = (await node.says(/node at (http:\S+)/))[1]!;
}, 120_000);
afterAll(async () => {
  await place.close();
  await rm(folder, { recursive: true, force: true });
});

it('the SDK writes in batches, changes, reads, lists, counts and deletes', async () => {
  const client = openHttpClient({ gateway: url });
  await client.createIndex({ name: 'sdk', dimension: 4, metric: 'dotproduct' });
  const index = client.index('sdk');
  const heard: number[] = [];
  const records = Array.from({ length: 2_500 }, (_, at) => ({ id: `r${at}`, vector: [at, 1, 2, 3], metadata: { at } }));
  const written = await index.upsert(records, { onProgress: (count) => heard.push(count) });
  expect([written.count, heard]).toEqual([2_500, [1_000, 2_000, 2_500]]);
  expect(await index.update({ id: 'r7', setMetadata: { seen: true } })).toMatchObject({ count: 1 });
  const ids = records.map(({ id }) => id).toReversed();
  const fetched = await index.fetch(ids, { vectors: true });
  expect(fetched.map(({ id }) => id)).toEqual(ids);
  expect(fetched.find(({ id }) => id === 'r7')).toMatchObject({ metadata: { at: 7, seen: true } });
  const { next } = await index.list({ prefix: 'r1', limit: 5 });
  expect(await index.list({ prefix: 'r1', limit: 1, after: next! })).toMatchObject({ ids: ['r1002'] });
  expect(await index.delete({ filter: { at: { $lt: 500 } } })).toMatchObject({ count: 500 });
  expect(await index.count()).toMatchObject({ count: 2_000 });
  await expect(index.upsert([{ id: 'x', vector: [1] }])).rejects.toMatchObject({ code: 'VECTOR_DIMENSION' });
  // Of two records with one id the later stays.
  const twice = [1, 2].map((at) => ({ id: 'twice', vector: [at, 0, 0, 0] }));
  expect(await index.upsert(twice)).toMatchObject({ count: 2 });
  expect(await index.count()).toMatchObject({ count: 2_001 });
  expect(await client.deleteIndex('sdk')).toMatch(/^sdk@/);
  await expect(index.count()).rejects.toMatchObject({ code: 'INDEX_NOT_FOUND' });
}, 60_000);

it('the command line makes an index, writes a file to it, lists and deletes it', async () => {
  const file = join(folder, 'notes.jsonl');
  const lines = ['The spring flood begins in April.', 'White storks nest on chimneys.'];
  await writeFile(file, lines.map((text, at) => `${JSON.stringify({ id: `n${at}`, text })}\n`).join(''));
  const at = ['--gateway', url];
  expect(await place.run('index', 'create', 'notes', ...at)).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^notes@\w+: private, 0 records, 384 dimensions, cosine, BAAI/),
  });
  expect(await place.run('upsert', file, '--index', 'notes', ...at)).toMatchObject({
    code: 0,
    out: '2 records are in notes, on disk (write 1)\n',
  });
  const reply = await fetch(`${url}/v1/query`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: 'where do storks nest', index: 'notes', topK: 1 }),
  });
  expect(await reply.json()).toMatchObject({ mode: 'hybrid', results: [{ id: 'n1' }] });
  expect(await place.run('index', 'list', ...at)).toMatchObject({ out: expect.stringContaining('2 records') });
  await writeFile(file, '{"id":"a","text":"b"}\n{"id":"c","values":[1]}\n');
  expect(await place.run('upsert', file, '--index', 'notes', ...at)).toMatchObject({
    code: 1,
    err: expect.stringContaining('line 2 of'),
  });
  expect(await place.run('index', 'delete', 'notes', '--yes', ...at)).toMatchObject({ code: 0 });
  expect(await place.run('index', 'list', ...at)).toMatchObject({ out: 'The node has no index of its own yet.\n' });
}, 120_000);
