// Unmodified clients of Pinecone, majors 3 to 9, against a real node process over plain http.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeCrossEncoder } from '@tributary/store/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAJORS, openPinecone, type Driver } from './_pinecone.ts';
import { DOCUMENTS } from './_pinecone-documents.ts';
import { IMPORTS, writeImports } from './_pinecone-imports.ts';
import { BACKUPS, FIRST, LAST } from './_pinecone-indexes.ts';
import { RERANK } from './_pinecone-rerank.ts';
import { SPARSE } from './_pinecone-sparse.ts';
import { TEXTS } from './_pinecone-texts.ts';
import { VECTORS } from './_pinecone-vectors.ts';
import { openWorkplace, type Workplace } from './_processes.ts';

const GUIDE = new URL('../docs/guides/pinecone.md', import.meta.url);
const MODEL = fileURLToPath(new URL('../models/bge-small-en-v1.5', import.meta.url));
const OPERATIONS = [...FIRST, ...VECTORS, ...SPARSE, ...TEXTS, ...RERANK, ...DOCUMENTS, ...IMPORTS, ...BACKUPS, ...LAST];

let place: Workplace;
let folder: string;
let url: string;
let imports: string;
beforeAll(async () => {
  place = await openWorkplace();
  folder = await mkdtemp(join(tmpdir(), 'tributary-pinecone-'));
  imports = await writeImports(join(folder, 'imports'));
  await writeCrossEncoder(join(folder, 'reranker'), MODEL);
  const folders = ['--imports', join(folder, 'imports'), '--rerank-model', join(folder, 'reranker')];
  const node = place.start(['node', '--data', join(folder, 'node'), '--port', '0', ...folders]);
  url = (await node.says(/node at (http:\S+)/))[1]!;
}, 120_000);
afterAll(async () => {
  await place.close();
  await rm(folder, { recursive: true, force: true });
});

/** Operations that succeeded, by major version. */
const passed = new Map<number, Set<string>>();

describe.each(MAJORS)('client %d', (major) => {
  let driver: Driver;
  const names = { vectors: `vectors-${major}`, texts: `texts-${major}` };
  beforeAll(async () => {
    driver = await openPinecone(major, url, 'none');
    passed.set(major, new Set());
  });
  for (const { name, since, run } of OPERATIONS.filter((operation) => operation.since <= major))
    it(`${name} (since ${since})`, async () => {
      await run(driver, { ...names, imports });
      passed.get(major)!.add(name);
    });
});

it('the guide has the matrix of what passed', async () => {
  const cell = (major: number, name: string, since: number) =>
    passed.get(major)!.has(name) ? 'yes' : since > major ? '–' : 'no';
  const rows = OPERATIONS.map(({ name, since }) => [name, ...MAJORS.map((major) => cell(major, name, since))]);
  const table = [['client', ...MAJORS.map(String)], ['---', ...MAJORS.map(() => '---')], ...rows];
  const text = table.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  console.log(text);
  expect(await readFile(GUIDE, 'utf8')).toContain(`\n${text}\n`);
});
