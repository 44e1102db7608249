// The graph of an index moves to PostgreSQL and back.
import { access, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { vectorToBase64url } from '@tributary/proof/primitives';
import { openStore } from '../src/store.ts';
import type { Index, Store, StoreOptions } from '../src/types.ts';
import { COUNT, exact, folder, names, postgres } from './_engine.ts';
import { DIMENSION, OWNER, recordOf, requestOf, vectorOf } from './_helpers.ts';

const open = (more: Partial<StoreOptions> = {}): Promise<Store> => openStore({ directory: folder, owner: OWNER, ...more });
const directory = () => join(folder, 'indexes', 'docs');

async function filled(): Promise<void> {
  const store = await open();
  const index = await store.createIndex({ name: 'docs', dimension: DIMENSION, metric: 'dotproduct', model: null });
  await index.upsert(names(0, COUNT).map((name) => recordOf(name)));
  await store.close();
}

async function nearest(index: Index, name: string): Promise<[string, number][]> {
  const vector = vectorToBase64url(vectorOf(name));
  const { records: found } = await index.search({
    parsed: requestOf(index.info().id, { mode: 'dense', text: null, vector, topK: 10 }),
  });
  return found.map(({ id, score }) => [id, score]);
}

const caughtUp = (index: Index) =>
  vi.waitFor(() => expect(index.info().engine).toMatchObject({ state: 'ready', waiting: 0 }), { timeout: 60_000, interval: 20 });
const rows = async (): Promise<number> => {
  const [table] = await postgres.query('SELECT name FROM tributary_indexes');
  return table === undefined ? 0 : Number((await postgres.query(`SELECT count(*) AS n FROM ${String(table['name'])}`))[0]!['n']);
};

it('moves to the engine, stays there, and moves back without leaving anything behind', async () => {
  await filled();
  await writeFile(join(directory(), 'graph'), 'of the index here');
  const moved = await open({ engineUrl: postgres.url, graphs: { docs: 'engine' } });
  await caughtUp(moved.index('docs'));
  expect(await rows()).toBe(COUNT);
  await expect(access(join(directory(), 'graph'))).rejects.toThrow();
  expect(await nearest(moved.index('docs'), 'x')).toEqual(exact(names(0, COUNT), 'x'));
  await moved.close();

  const stayed = await open({ engineUrl: postgres.url });
  await stayed.index('docs').upsert([recordOf('late')]);
  await caughtUp(stayed.index('docs'));
  expect(await rows()).toBe(COUNT + 1);
  await stayed.close();

  const back = await open({ engineUrl: postgres.url, graphs: { docs: 'here' } });
  expect(back.index('docs').info().engine).toBeNull();
  expect(await postgres.query('SELECT * FROM tributary_indexes')).toEqual([]);
  expect(await nearest(back.index('docs'), 'late')).toEqual(exact([...names(0, COUNT), 'late'], 'late'));
  await back.close();
});

it('moves back without an engine that is gone for good', async () => {
  await filled();
  const moved = await open({ engineUrl: postgres.url, graphs: { docs: 'engine' } });
  await caughtUp(moved.index('docs'));
  await moved.close();
  const back = await open({ graphs: { docs: 'here' } });
  expect(await nearest(back.index('docs'), 'x')).toEqual(exact(names(0, COUNT), 'x'));
  await back.close();
  expect(await rows()).toBe(COUNT);
});

it('stays where it is without an address, when its vectors are too long, and when the engine cannot forget it', async () => {
  await filled();
  const before = await readFile(join(directory(), 'index.json'));
  const refused = await open({ graphs: { docs: 'engine' } });
  expect(refused.failed()).toMatchObject([{ name: 'docs', error: { code: 'ENGINE_UNREACHABLE' } }]);
  await refused.createIndex({ name: 'long', dimension: 4_001, metric: 'cosine', model: null });
  await refused.close();
  const long = await open({ engineUrl: postgres.url, graphs: { long: 'engine' } });
  expect(long.failed()).toMatchObject([{ name: 'long', error: { code: 'ENGINE_REFUSED' } }]);
  await long.close();
  expect(await readFile(join(directory(), 'index.json'))).toEqual(before);

  const moved = await open({ engineUrl: postgres.url, graphs: { docs: 'engine' } });
  await caughtUp(moved.index('docs'));
  await moved.close();
  await postgres.stop();
  const left = await open({ engineUrl: postgres.url, graphs: { docs: 'here' } });
  expect(left.failed()).toMatchObject([{ name: 'docs', error: { code: 'ENGINE_UNREACHABLE' } }]);
  await left.close();
  await postgres.start();
  const again = await open({ engineUrl: postgres.url });
  await caughtUp(again.index('docs'));
  await again.close();
});

it('stays where it is while another store has it open', async () => {
  await filled();
  const holder = await open();
  const graph = join(directory(), 'graph');
  await writeFile(graph, 'of the index here');
  const before = await readFile(join(directory(), 'index.json'));
  const second = await open({ engineUrl: postgres.url, graphs: { docs: 'engine' } });
  expect(second.failed()).toMatchObject([{ name: 'docs', error: { code: 'STORE_LOCKED' } }]);
  await second.close();
  expect(await readFile(join(directory(), 'index.json'))).toEqual(before);
  expect(await readFile(graph, 'utf8')).toBe('of the index here');
  await holder.close();
});

it('refuses to move an index that is not there', async () => {
  await filled();
  await expect(open({ graphs: { other: 'here' } })).rejects.toMatchObject({ code: 'INDEX_NOT_FOUND' });
});
