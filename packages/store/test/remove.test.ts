import { spawn } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { openStore } from '../src/index.ts';
import { DIMENSION, OWNER, records, seedOf, temporaryFolder, toyEmbedder } from './_helpers.ts';

const REMOVER = fileURLToPath(new URL('./_remover-process.ts', import.meta.url));
const KILLS = 5;

it(`a removed index is complete or gone, in ${KILLS} kills at random moments`, async () => {
  const folder = await temporaryFolder();
  for (let kill = 0; kill < KILLS; kill += 1) {
    const child = spawn(process.execPath, [REMOVER, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout.once('data', () => setTimeout(() => child.kill('SIGKILL'), seedOf(`remove ${kill}`)[0]! / 2));
    await new Promise((resolve) => child.once('close', resolve));
    const store = await openStore({ directory: folder, owner: OWNER });
    expect(store.failed()).toEqual([]);
    for (const { name, records: count } of store.indexes()) {
      expect([0, 20]).toContain(count);
      expect(await store.index(name).check()).toMatchObject({ ok: true });
    }
    expect(await readdir(join(folder, 'indexes'))).toEqual(store.indexes().map(({ name }) => name));
    await store.close();
  }
}, 120_000);

it('an index is not removed while documents are ingested, and leftovers of an earlier attempt do not matter', async () => {
  const folder = await temporaryFolder();
  const embedder = toyEmbedder();
  const store = await openStore({ directory: join(folder, 'store'), owner: OWNER, embedder });
  onTestFinished(() => store.close());
  const index = await store.createIndex({ name: 'notes', dimension: DIMENSION, metric: 'cosine', model: embedder.card });
  await writeFile(join(folder, 'a.md'), 'Salmon climb.');
  const ingesting = index.ingest([join(folder, 'a.md')]);
  await expect(store.removeIndex('notes')).rejects.toMatchObject({ code: 'STORE_BUSY' });
  await ingesting;
  await index.upsert(records(3));

  await mkdir(join(folder, 'store/indexes/.removing-notes/in-use'), { recursive: true });
  await store.removeIndex('notes');
  expect(store.indexes()).toEqual([]);
  expect(await readdir(join(folder, 'store/indexes'))).toEqual([]);
  expect(() => store.index('notes')).toThrow(expect.objectContaining({ code: 'INDEX_NOT_FOUND' }));
});
