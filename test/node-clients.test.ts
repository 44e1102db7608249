// The SDK and the command line as clients of a real node process.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHttpClient } from '@tributary/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openWorkplace, pdfWith, type Workplace } from './_processes.ts';

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
    out: `${file}: 2 records are in notes, on disk\n`,
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

it('the SDK uploads, lists and deletes documents, and hears of progress', async () => {
  const client = openHttpClient({ gateway: url });
  await client.createIndex({ name: 'papers' });
  const { documents } = client.index('papers');
  const pdf = pdfWith(['The weir was built of oak in the year 1873.', 'Salmon climb the ladder in autumn.']);
  const heard: { found: number; embedded: number }[] = [];
  const file = new Blob([pdf as BlobPart]);
  const added = await documents.add(file, {
    name: 'old/weir.pdf',
    metadata: { year: 1873 },
    onProgress: (one) => heard.push(one),
  });
  expect(added).toMatchObject({ name: 'old/weir.pdf', records: 2, chunks: { added: 2 } });
  expect(heard.at(-1)).toEqual({ found: 2, embedded: 2 });
  const again = await documents.add(pdf as Uint8Array<ArrayBuffer>, { name: 'old/weir.pdf', metadata: { year: 1873 } });
  expect(again).toEqual({ ...added, chunks: { added: 0, unchanged: 2, removed: 0 } });
  for (const name of ['a.md', 'b.md']) await documents.add(new TextEncoder().encode(`Barge ${name}.`), { name, namespace: 'x' });
  const page = await documents.list({ namespace: 'x', limit: 1 });
  expect(page).toMatchObject({ documents: [{ name: 'a.md', records: 1 }], next: 'a.md' });
  expect(await documents.list({ namespace: 'x', after: page.next! })).toMatchObject({
    documents: [{ name: 'b.md' }],
    next: null,
  });
  expect(await documents.delete('old/weir.pdf')).toEqual({ deleted: 'old/weir.pdf', records: 2 });
  await expect(documents.delete('old/weir.pdf')).rejects.toMatchObject({ code: 'PATH_NOT_FOUND' });
  await expect(documents.add(file, { name: 'a.png' })).rejects.toMatchObject({ code: 'PARSE_UNSUPPORTED' });
  await expect(documents.add(file, { name: 'a.md', signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' });
}, 60_000);

it('the command line uploads files, lists and deletes them', async () => {
  const at = ['--gateway', url];
  const paper = join(folder, 'weir.pdf');
  const note = join(folder, 'note.md');
  await writeFile(paper, pdfWith(['The weir was built of oak.']));
  await writeFile(note, '# Storks\n\nStorks nest on chimneys.');
  await place.run('index', 'create', 'files', ...at);
  expect(await place.run('upsert', paper, note, '--index', 'files', ...at)).toMatchObject({
    code: 0,
    out:
      'weir.pdf: 1 record (1 added, 0 unchanged, 0 removed) is in files, on disk\n' +
      'note.md: 1 record (1 added, 0 unchanged, 0 removed) is in files, on disk\n',
  });
  expect(await place.run('upsert', note, '--index', 'files', ...at)).toMatchObject({
    out: 'note.md: 1 record (as before) is in files, on disk\n',
  });
  expect(await place.run('documents', '--index', 'files', ...at)).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^note\.md {2}1 record, .*\nweir\.pdf {2}1 record, .*\n2 documents, 2 records/),
  });
  const deletion = ['delete', '--index', 'files', '--document', 'note.md', '--yes', ...at];
  expect(await place.run(...deletion)).toMatchObject({ code: 0, out: expect.stringContaining('note.md: 1 record deleted') });
  expect(await place.run('upsert', join(folder, 'nothing.pdf'), '--index', 'files', ...at)).toMatchObject({
    code: 2,
    err: expect.stringContaining('nothing.pdf cannot be read'),
  });
  await writeFile(join(folder, 'picture.png'), 'x');
  expect(await place.run('upsert', join(folder, 'picture.png'), '--index', 'files', ...at)).toMatchObject({
    code: 1,
    err: expect.stringContaining('PARSE_UNSUPPORTED'),
  });
}, 120_000);
