// Bulk import by the clients of Pinecone that have it.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'vitest';
import { recordsOf, type Operation } from './_pinecone.ts';

/** Two records with the columns of Pinecone's bulk import, written by hyparquet-writer 0.17.0. */
const FILE = [
  'UEFSMRUGFRwVIFwVBBUAFQQVABUEFQAAAAMDDCwCAAAAaTECAAAAaTIVBhU6FT5cFQQVABUEFQAVABUAAAAdcAwAAABbMC41LDAu',
  'MjUsMF0JAAAAWzAsMSwwLjVdFQYVVhVKXBUEFQAVBBUAFQQVAAAAAwMpUBAAAAB7ImtpbmQiOiJmaXJzdCJ9ES4UABxzZWNvbmQi',
  'fRUEGUxIBHJvb3QVBgAVDCUCGAJpZCUAABUMJQAYBnZhbHVlcyUmABUMJQIYCG1ldGFkYXRhJQAAFgQZHBk8JggcFQwZFQAZGAJp',
  'ZBUCFgQWRhZKJgg8NgAoAmkyGAJpMQAZHBUGFQAVAgAAACZSHBUMGRUAGRgGdmFsdWVzFQIWBBZkFmgmUjw2ACgMWzAuNSwwLjI1',
  'LDBdGAlbMCwxLDAuNV0AGRwVBhUAFQIAAAAmugEcFQwZFQAZGAhtZXRhZGF0YRUCFgQWgAEWdCa6ATw2ACgQeyJraW5kIjoic2Vj',
  'b25kIxgQeyJraW5kIjoiZmlyc3QifRIAGRwVBhUAFQIAAAAWqgIWBDamAgAoCWh5cGFycXVldBk8HAAAHAAAHAAAACMBAABQQVIx',
].join('');

/** Writes a folder as Pinecone reads it: a namespace, and a file in it. Returns its address. */
export async function writeImports(folder: string): Promise<string> {
  await mkdir(join(folder, 'films'), { recursive: true });
  await writeFile(join(folder, 'films', '0.parquet'), Buffer.from(FILE, 'base64'));
  return pathToFileURL(folder).href;
}

interface Import {
  id: string;
  status: string;
  percentComplete: number;
  recordsImported: number;
}

export const IMPORTS: readonly Operation[] = [
  {
    name: 'startImport, describeImport, listImports, cancelImport',
    since: 4,
    async run({ index, major }, { vectors, imports }) {
      const { face } = index(vectors);
      const start = (uri: string) => face['startImport']!(...(major >= 7 ? [{ uri, errorMode: 'abort' }] : [uri, 'abort']));
      const { id } = (await start(imports)) as Import;
      const describe = async () => (await face['describeImport']!(id)) as Import;
      await expect.poll(async () => (await describe()).status, { timeout: 60_000 }).not.toMatch(/Pending|InProgress/);
      expect(await describe()).toMatchObject({ id, status: 'Completed', percentComplete: 100, recordsImported: 2 });
      expect(recordsOf(await index(vectors, 'films').fetch(['i1', 'i2']))).toEqual({
        i1: expect.objectContaining({ values: [0.5, 0.25, 0], metadata: { kind: 'first' } }),
        i2: expect.objectContaining({ values: [0, 1, 0.5], metadata: { kind: 'second' } }),
      });
      const { data } = (await face['listImports']!()) as { data: Import[] };
      expect(data.map((one) => one.id)).toContain(id);
      await face['cancelImport']!(id);
      expect((await describe()).status).toBe('Completed');
      for (const elsewhere of ['s3://bucket/films', 'file:///etc', `${imports}/../..`])
        await expect(start(elsewhere)).rejects.toMatchObject({ name: 'PineconeBadRequestError' });
    },
  },
];
