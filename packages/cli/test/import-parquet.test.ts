// `tributary import parquet` of files that hyparquet-writer makes.
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { vectorFromBase64url } from '@tributary/proof/primitives';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { openTarget, reportOf, type Target } from './_import.ts';

const DIMENSION = 24;
const ROWS = 3_200;

let target: Target;
beforeAll(async () => {
  target = await openTarget();
});
afterAll(() => target.close());

const numbers = (count: number) => Array.from({ length: count }, (_, at) => at);
const vectorOf = (at: number) => Array.from({ length: DIMENSION }, (_, column) => Math.fround(Math.cos(at * 31 + column)));
type Columns = Parameters<typeof parquetWriteBuffer>[0]['columnData'];

/** Writes a file with groups of a thousand rows. */
async function write(name: string, columnData: Columns, rowGroupSize = 1_000): Promise<string> {
  const path = join(target.folder, name);
  await writeFile(path, new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize })));
  return path;
}
const columnsOf = (rows: number): Columns => [
  { name: 'id', data: numbers(rows).map((at) => `p${at}`), type: 'STRING' },
  { name: 'values', data: numbers(rows).map(vectorOf) },
  {
    name: 'metadata',
    data: numbers(rows).map((at) => JSON.stringify({ at, tags: ['x'], deep: { a: null, b: at } })),
    type: 'STRING',
  },
];

it('goes on after a stop in the middle of a row group, and every vector is equal to the bit', async () => {
  const file = await write('films.parquet', columnsOf(ROWS), 1_500);
  const checkpoint = join(target.folder, 'films.json');
  const args = ['parquet', file, '--to', 'films', '--checkpoint', checkpoint];
  const stopped = new AbortController();
  const run = target.run([...args, '--rate', '500'], stopped.signal);
  await vi.waitFor(() => stat(checkpoint), { timeout: 60_000, interval: 10 });
  stopped.abort();
  expect((await run).code).toBe(130);
  expect(JSON.parse(JSON.parse(await readFile(checkpoint, 'utf8')).cursor)).toEqual({ row: 1_000 });
  const { code, out, err } = await target.run([...args, '--json']);
  expect(reportOf({ out, err })).toMatchObject({
    read: ROWS,
    written: ROWS,
    changed: ROWS,
    source: ROWS,
    now: ROWS,
    differences: [],
  });
  expect(code).toBe(0);
  const ids = numbers(ROWS).map((at) => `p${at}`);
  const records = await target.client.index('films').fetch(ids, { vectors: true });
  expect(records.map(({ vector }) => [...vectorFromBase64url(vector!)])).toEqual(numbers(ROWS).map(vectorOf));
  expect(records[7]!.metadata).toEqual({ at: 7, tags: ['x'], 'deep.b': 7 });
});

it('takes names of columns, numbers as ids, and further columns as metadata', async () => {
  const file = await write('named.parquet', [
    { name: 'key', data: [1n, 2n], type: 'INT64' },
    { name: 'embedding', data: [vectorOf(1), vectorOf(2)] },
    { name: 'body', data: ['White storks.', 'Black storks.'], type: 'STRING' },
    { name: 'seen', data: [new Date('2026-11-29T00:00:00Z'), new Date('2026-11-30T00:00:00Z')], type: 'TIMESTAMP' },
    { name: 'count', data: [3n, 2n ** 60n], type: 'INT64' },
  ]);
  const args = ['--id-column', 'key', '--values-column', 'embedding', '--text-field', 'body', '--json'];
  const { code, out, err } = await target.run(['parquet', file, '--to', 'named', ...args]);
  const { refused, now } = reportOf({ out, err });
  expect(code).toBe(3);
  expect({ refused, now }).toEqual({
    now: 1,
    refused: { count: 1, named: [{ id: '2', reason: "the metadata member 'count' is a number that cannot be held exactly" }] },
  });
  const [record] = await target.client.index('named').fetch(['1']);
  expect(record).toMatchObject({ text: 'White storks.', metadata: { seen: '2026-11-29T00:00:00.000Z', count: 3 } });
});

it('takes the sparse values of a row', async () => {
  const file = await write('sparse.parquet', [
    { name: 'id', data: ['a', 'b'], type: 'STRING' },
    { name: 'values', data: [vectorOf(1), vectorOf(2)] },
    { name: 'sparse_values', data: [{ indices: [5, 2], values: [0.5, 1.5] }, null], type: 'JSON' },
  ]);
  const args = ['--vectors', 'both', '--metric', 'dotproduct', '--json'];
  const report = reportOf(await target.run(['parquet', file, '--to', 'sparse', ...args]));
  expect(report).toMatchObject({ now: 2, differences: [] });
  const [record] = await target.client.index('sparse').fetch(['a'], { vectors: true });
  expect(record!.sparse).toEqual({ indices: [2, 5], values: [1.5, 0.5] });
});

it('refuses rows that it cannot read by their number', async () => {
  const file = await write('rows.parquet', [
    { name: 'id', data: ['a', null, 'c', 'd'], type: 'STRING' },
    { name: 'values', data: [vectorOf(1), vectorOf(2), vectorOf(3), [1, 2]] },
    { name: 'metadata', data: ['{}', '{}', '{"a":', '[1]'], type: 'STRING' },
  ]);
  const { code, out, err } = await target.run(['parquet', file, '--to', 'rows', '--json']);
  expect(code).toBe(3);
  expect(reportOf({ out, err }).refused.named).toMatchObject([
    { id: 'row 2', reason: 'it has no id' },
    { id: 'row 3', reason: 'is not JSON' },
    { id: 'row 4', reason: expect.stringContaining('must be') },
  ]);
});

it('says what is wrong with a file', async () => {
  const file = await write('columns.parquet', [{ name: 'other', data: ['a'], type: 'STRING' }]);
  const run = (path: string) => target.run(['parquet', path, '--to', 'wrong']);
  expect(await run(file)).toMatchObject({ code: 1, err: expect.stringContaining("no column 'id'; its columns are other") });
  expect(await run(join(target.folder, 'none'))).toMatchObject({ code: 2, err: expect.stringContaining('PATH_NOT_FOUND') });
  const whole = await readFile(file);
  for (const bytes of [
    whole.subarray(0, whole.length - 3),
    Buffer.alloc(100),
    Buffer.from('PAR1'),
    Buffer.concat([whole, whole.subarray(0, 4)]),
  ]) {
    const torn = join(target.folder, 'torn.parquet');
    await writeFile(torn, bytes);
    expect(await run(torn)).toMatchObject({ code: 1, err: expect.stringContaining('SOURCE_RESPONSE') });
  }
});
