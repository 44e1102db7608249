import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { expect, it, onTestFinished } from 'vitest';
import { readParquet } from './read-parquet.ts';

it('reads dense and sparse vectors of a file, and says what is wrong with a row', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-imports-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'films.parquet');
  const sparse = [
    { indices: [5, 2], values: [0.5, 1.5] },
    { indices: [1], values: [1] },
    null,
    null,
    { indices: [1, 1], values: [1, 2] },
  ];
  const columnData = [
    { name: 'id', data: ['both', 'sparse', 'dense', 'none', 'doubled'], type: 'STRING' as const },
    { name: 'values', data: [[1, 2], null, [3, 4], null, null] },
    { name: 'sparse_values', data: sparse, type: 'JSON' as const },
  ];
  await writeFile(path, new Uint8Array(parquetWriteBuffer({ columnData })));
  const pages = [];
  for await (const page of readParquet(path, new AbortController().signal)) pages.push(page);
  expect(pages.flatMap(({ records }) => records)).toEqual([
    {
      id: 'both',
      vector: Float32Array.of(1, 2),
      sparse: { indices: Uint32Array.of(2, 5), values: Float32Array.of(1.5, 0.5) },
      metadata: {},
    },
    { id: 'sparse', sparse: { indices: Uint32Array.of(1), values: Float32Array.of(1) }, metadata: {} },
    { id: 'dense', vector: Float32Array.of(3, 4), metadata: {} },
  ]);
  expect(pages.flatMap(({ refused }) => refused)).toEqual([
    "record 'none': it has no vector",
    "record 'doubled': its sparse vector has an index twice",
  ]);
});
