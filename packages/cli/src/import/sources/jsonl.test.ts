import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { toRecord, type Rules } from '../to-record.ts';
import type { Page } from '../types.ts';
import { jsonlSource } from './jsonl.ts';

const RUNS = 300;
const rules: Rules = { dimension: 2, metric: 'cosine', vectors: 'both', embed: false, textField: 'text' };
const patience = { signal: new AbortController().signal, onPause: () => undefined };

let path: string;
beforeAll(async () => {
  path = join(await mkdtemp(join(tmpdir(), 'tributary-jsonl-')), 'file.jsonl');
});
afterAll(() => rm(join(path, '..'), { recursive: true }));

async function pagesOf(content: string | Uint8Array): Promise<Page[]> {
  await writeFile(path, content);
  const source = jsonlSource(path);
  const pages: Page[] = [];
  for await (const page of source.pages(null, await source.describe(patience), patience)) pages.push(page);
  return pages;
}
/** Makes a record of each, and counts all. */
const count = (pages: readonly Page[]) => {
  for (const record of pages.flatMap(({ records }) => records)) toRecord(record, rules);
  return pages.reduce((sum, { records, refused }) => sum + records.length + refused.length, 0);
};

it('takes or refuses each line, whatever JSON is on it', async () => {
  const number = fc.double();
  const record = fc.record(
    {
      id: fc.oneof(fc.string(), fc.integer()),
      values: fc.oneof(fc.array(number, { maxLength: 3 }), fc.jsonValue()),
      vector: fc.oneof(fc.array(number, { maxLength: 3 }), fc.base64String(), fc.jsonValue()),
      sparse: fc.oneof(fc.record({ indices: fc.array(fc.integer()), values: fc.array(number) }), fc.jsonValue()),
      sparse_values: fc.jsonValue(),
      text: fc.oneof(fc.string(), fc.jsonValue()),
      metadata: fc.jsonValue(),
    },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(record, fc.jsonValue()), { minLength: 1, maxLength: 8 }), async (values) => {
      expect(count(await pagesOf(values.map((value) => JSON.stringify(value)).join('\n')))).toBe(values.length);
    }),
    { numRuns: RUNS },
  );
});
it('takes or refuses any bytes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
      const lines = Buffer.from(bytes).toString('latin1').split('\n');
      expect(count(await pagesOf(bytes))).toBe(lines.filter((line) => /[^ \t\r]/.test(line)).length);
    }),
    { numRuns: RUNS },
  );
});
