// Real documents, some hostile, through the whole ingest: unreadable ones are reported with the reason, and an answer
// from a PDF names the page of its text.
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { IngestReport } from '@tributary/store';
import type { OpenClient } from '@tributary/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startNetwork, type TestNetwork } from './_network.ts';

const shared = fileURLToPath(new URL('../../shared/data/ingest', import.meta.url));
// The three largest texts are left out. They only cost embedding time here, and packages/store tests how they are
// parsed.
const LARGE = ['wikipedia-mozilla.html', 'commonmark-spec.md', 'alice-utf8-bom-crlf.txt', 'expected.json', 'README.md'];
const CODE: Record<string, string> = { 'no-text': 'PARSE_NO_TEXT', encrypted: 'PARSE_ENCRYPTED', malformed: 'PARSE_MALFORMED' };

describe.skipIf(!existsSync(shared))('the documents of ../shared/data/ingest (skipped without that folder)', () => {
  let folder: string;
  let network: TestNetwork;
  let client: OpenClient;
  let report: IngestReport;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tributary-ingest-'));
    await cp(shared, folder, { recursive: true, filter: (path) => !LARGE.some((name) => path.endsWith(name)) });
    network = await startNetwork({});
    const index = await network.provider.openIndex('papers', { licence: 'mixed' });
    report = await index.ingest([folder], network.provider.ingestOptions(index));
    await network.provider.publish('papers');
    client = await network.client('reader', network.provider.addresses()[0]!);
  }, 180_000);
  afterAll(async () => {
    await network?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('leaves out exactly those that cannot be read, each with its reason', async () => {
    const expected = JSON.parse(await readFile(join(shared, 'expected.json'), 'utf8')) as { file: string; class: string }[];
    const unreadable = expected
      .filter(({ class: kind }) => kind !== 'ok')
      .map(({ file, class: kind }) => `${file} ${CODE[kind]}`);
    expect(report.rejected.map(({ file, code }) => `${file} ${code}`).toSorted()).toEqual(unreadable.toSorted());
  });

  it.each([
    ['the blacklist counter forgives the outer loop when an inner tree finishes a trace', 'pdf/tracemonkey-two-column.pdf', 7],
    ['multicore hardware makes background recompilation of trace trees attractive', 'pdf/tracemonkey-two-column.pdf', 9],
    ['population of European Union countries in millions', 'pdf/latex-multicolumn.pdf', 3],
  ])('%s: %s, page %i', async (text, document, page) => {
    const { results } = await client.query({ text, index: 'papers', topK: 1 });
    const { source } = results[0]!;
    expect(source).toMatchObject({ document });
    expect(source!.page).toBeLessThanOrEqual(page);
    expect(source!.pageEnd ?? source!.page).toBeGreaterThanOrEqual(page);
  });
});
