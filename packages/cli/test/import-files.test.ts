// `tributary import` of files into a node, over HTTP.
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { vectorFromBase64url } from '@tributary/proof/primitives';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { openTarget, reportOf, runHere, type Target } from './_import.ts';

const DIMENSION = 16;

let target: Target;
beforeAll(async () => {
  target = await openTarget();
});
afterAll(() => target.close());

/** A vector that differs in every component and id. */
const vectorOf = (at: number) => Array.from({ length: DIMENSION }, (_, column) => Math.sin(at * DIMENSION + column + 1));
const lineOf = (at: number) => JSON.stringify({ id: `r${at}`, values: vectorOf(at), metadata: { at, even: at % 2 === 0 } });
const write = async (name: string, lines: readonly string[]) => {
  const path = join(target.folder, name);
  await writeFile(path, lines.join('\n'));
  return path;
};
const importFile = (file: string, to: string, ...more: string[]) => target.run(['jsonl', file, '--to', to, ...more]);
const index = (name: string) => target.client.index(name);
const numbers = (count: number) => Array.from({ length: count }, (_, at) => at);

it('copies a file of vectors, verifies it and forgets its place', async () => {
  const file = await write('vectors.jsonl', numbers(2_500).map(lineOf));
  const { code, out, err } = await importFile(file, 'vectors', '--json');
  const report = reportOf({ out, err });
  expect(report).toMatchObject({ read: 2_500, written: 2_500, before: 0, now: 2_500, refused: { count: 0 }, differences: [] });
  expect(report.sampled).toEqual({ compared: 1_000, different: [] });
  expect(code).toBe(0);
  const [record] = await index('vectors').fetch(['r1234'], { vectors: true });
  expect(vectorFromBase64url(record!.vector!)).toEqual(Float32Array.from(vectorOf(1_234)));
  expect(record!.metadata).toEqual({ at: 1_234, even: true });
  expect(await target.checkpoints()).toEqual([]);
});

it('lists what it cannot take, and imports the rest', async () => {
  const vector = vectorOf(1);
  const file = await write('mixed.jsonl', [
    JSON.stringify({ id: 'own', vector, text: 'White storks.', licence: 'CC0-1.0' }),
    JSON.stringify({ id: 'nested', values: vector, metadata: { a: { b: 1, c: null }, list: [1, 2], text: 'Black storks.' } }),
    '{"id": "cut", "values": [1,',
    JSON.stringify({ id: 'short', values: [1, 2] }),
    JSON.stringify({ id: 'zero', values: vector.map(() => 0) }),
    JSON.stringify({ id: 'large', values: vector, metadata: { number: 2 ** 60 } }),
    '',
    JSON.stringify({ id: 'dollar', values: vector, metadata: { $a: 1 } }),
    JSON.stringify({ id: 'long', values: vector, metadata: { text: 'x'.repeat(70_000) } }),
    `{"id": "wide", "values": [${'1,'.repeat(600_000)}1]}`,
  ]);
  const { code, out, err } = await importFile(file, 'mixed', '--text-field', 'text', '--json');
  const { refused, ...report } = reportOf({ out, err });
  expect(code).toBe(3);
  expect(report).toMatchObject({ read: 9, written: 2, changed: 1, now: 2, differences: ['7 of 9 records were refused'] });
  expect(refused.named.map(({ id }: { id: string }) => id)).toEqual([
    'line 3',
    'line 10',
    'short',
    'zero',
    'large',
    'dollar',
    'long',
  ]);
  const [own, nested] = await index('mixed').fetch(['own', 'nested']);
  expect(own).toMatchObject({ text: 'White storks.', licence: 'CC0-1.0' });
  expect(nested).toMatchObject({ text: 'Black storks.', metadata: { 'a.b': 1, list: '[1,2]' } });
});

it('embeds the texts when it is told to, and says so when there is no vector', async () => {
  const file = await write('texts.jsonl', [JSON.stringify({ id: 'a', text: 'Storks nest on chimneys.' })]);
  const refused = await importFile(file, 'texts');
  expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('IMPORT_MISMATCH') });
  expect(await importFile(file, 'texts', '--embed')).toMatchObject({ code: 0 });
  const own = await target.client.ownIndexes();
  expect(own.find(({ name }) => name === 'texts')?.model).toBe('BAAI/bge-small-en-v1.5');
});

it.each([
  ['dimension', ['--to', 'vectors'], [1, 2, 3], 'vectors of 3 dimensions and index vectors of 16'],
  ['metric', ['--to', 'vectors', '--metric', 'euclidean'], vectorOf(1), 'by euclidean and index vectors by cosine'],
  ['model', ['--to', 'texts'], vectorOf(1).concat(Array(368).fill(0)), "--model 'BAAI/bge-small-en-v1.5'"],
])('refuses an index of another %s before it writes', async (_, options, values, message) => {
  const file = await write('other.jsonl', [JSON.stringify({ id: 'x', values })]);
  const { code, err } = await target.run(['jsonl', file, ...options]);
  expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining(message) });
  expect(err).toContain('IMPORT_MISMATCH');
});

it('takes sparse vectors when it is told to', async () => {
  const sparse = { indices: [7, 3], values: [0.25, 0.1] };
  const file = await write('sparse.jsonl', [
    JSON.stringify({ id: 'a', values: vectorOf(1), sparseValues: sparse }),
    JSON.stringify({ id: 'b', vector: vectorOf(2), sparse: { indices: [1, 2], values: [0, 2] } }),
    JSON.stringify({ id: 'c', values: vectorOf(3) }),
    JSON.stringify({ id: 'd', sparse_values: sparse }),
  ]);
  const dense = reportOf(await importFile(file, 'dense', '--json'));
  expect(dense).toMatchObject({ now: 1, sampled: { compared: 1, different: [] } });
  expect(dense.refused.named.map(({ id, reason }) => [id, reason.slice(0, 23)])).toEqual([
    ['a', 'it has a sparse vector,'],
    ['b', 'it has a sparse vector,'],
    ['d', 'it has no vector'],
  ]);
  const both = reportOf(await importFile(file, 'both', '--vectors', 'both', '--metric', 'dotproduct', '--json'));
  expect(both).toMatchObject({ now: 3, sampled: { compared: 3, different: [] }, refused: { named: [{ id: 'd' }] } });
  const [a, b, c] = await index('both').fetch(['a', 'b', 'c'], { vectors: true });
  expect([a!.sparse, b!.sparse, c!.sparse]).toEqual([
    { indices: [3, 7], values: [0.1, 0.25] },
    { indices: [2], values: [2] },
    undefined,
  ]);
  const only = await write('only.jsonl', [JSON.stringify({ id: 'd', sparse }), JSON.stringify({ id: 'e', text: 'nothing' })]);
  expect(await importFile(only, 'only')).toMatchObject({ code: 1, err: expect.stringContaining('--vectors sparse') });
  const sparseOnly = reportOf(await importFile(only, 'only', '--vectors', 'sparse', '--json'));
  expect(sparseOnly).toMatchObject({ now: 1, refused: { named: [{ id: 'e', reason: 'it has no sparse vector' }] } });
  expect(await importFile(file, 'both')).toMatchObject({ code: 1, err: expect.stringContaining('give --vectors both') });
});

it('says within seconds that the node cannot be reached', async () => {
  const file = await write('one.jsonl', [lineOf(1)]);
  const { code, err } = await runHere(['import', 'jsonl', file, '--to', 'one', '--gateway', 'http://127.0.0.1:1']);
  expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('GATEWAY_UNREACHABLE') });
});

it('says when ids came twice', async () => {
  const file = await write('twice.jsonl', [lineOf(1), lineOf(2), lineOf(1)]);
  const { code, out } = await importFile(file, 'twice');
  expect(code).toBe(3);
  expect(out).toContain('NOT complete: 1 of 3 written records are not there: their ids came twice');
});

it('begins anew when the file changed, when the index is another one, and when it is told to', async () => {
  const lines = numbers(3_000).map(lineOf);
  const file = await write('anew.jsonl', lines);
  const checkpoint = join(target.folder, 'anew.json');
  const args = ['jsonl', file, '--to', 'anew', '--checkpoint', checkpoint];
  const again = async (...more: string[]) => reportOf(await target.run([...args, '--json', ...more]));
  const stop = async () => {
    const stopped = new AbortController();
    const run = target.run([...args, '--rate', '500'], stopped.signal);
    await vi.waitFor(() => stat(checkpoint), { timeout: 60_000, interval: 20 });
    stopped.abort();
    expect((await run).code).toBe(130);
  };
  await stop();
  expect(await again()).toMatchObject({ read: 3_000, now: 3_000, before: 0 });
  await stop();
  await writeFile(file, lines.slice(0, 1_500).join('\n'));
  expect(await again()).toMatchObject({ read: 1_500, now: 3_000, before: 3_000, differences: [] });
  await writeFile(file, lines.join('\n'));
  await stop();
  await target.client.deleteIndex('anew');
  expect(await again()).toMatchObject({ read: 3_000, now: 3_000, before: 0 });
  await stop();
  expect(await again('--restart')).toMatchObject({ read: 3_000, before: 3_000 });
  await writeFile(checkpoint, '{}');
  expect(await target.run(args)).toMatchObject({ code: 1, err: expect.stringContaining('IMPORT_CHECKPOINT') });
});
