// An index whose graph is on PostgreSQL: the engine is down, behind, killed, replaced or taken.
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { readAnswer } from '@tributary/proof/statements';
import type { RemoteEngine } from '../src/remote/types.ts';
import { engineSearchWidth } from '../src/limits.ts';
import { openStore } from '../src/store.ts';
import {
  ask,
  caughtUp,
  COUNT,
  counting,
  engine,
  exact,
  fill,
  folder,
  names,
  postgres,
  question,
  remote,
  settings,
  statusOf,
  tableName,
} from './_engine.ts';
import { DIMENSION, OWNER, recordOf, records, requestOf, toyEmbedder, vectorOf } from './_helpers.ts';
import { PASSWORD } from './_postgres.ts';
import { makeService, put, reopen, write } from './_service.ts';

it('answers as an index with its graph here, and follows writes, deletions and a restart', async () => {
  const service = await makeService(folder, remote());
  await fill(service);
  await caughtUp(service);
  expect(await ask(service, 'x')).toEqual(exact(names(0, COUNT), 'x'));
  const [first] = await ask(service, 'x');
  await write(service, [{ kind: 'delete', namespace: '', id: first![0] }]);
  // Before the engine has followed, and after it.
  expect((await ask(service, 'x')).map(([id]) => id)).not.toContain(first![0]);
  await write(service, [{ kind: 'put', record: recordOf('near', { vector: vectorOf('x').map((value) => value * 3) }) }]);
  expect((await ask(service, 'x'))[0]![0]).toBe('near');
  await caughtUp(service);
  expect((await ask(service, 'x'))[0]![0]).toBe('near');
  expect(await postgres.query('SELECT count(*)::int AS count FROM ' + (await tableName()))).toEqual([{ count: COUNT }]);
  await service.call('close', null);
  const applied: number[] = [];
  const again = await reopen(folder, remote(counting(engine(), applied)));
  await caughtUp(again);
  expect((await ask(again, 'x'))[0]![0]).toBe('near');
  // It knew where the engine stood, and wrote nothing again.
  expect(applied.reduce((sum, each) => sum + each, 0)).toBe(0);
  expect(statusOf(again).faults).toEqual({ unknown: 0, stale: 0, short: 0 });
  await again.call('close', null);
});

it('has the engine walk as wide as the size of the index asks for', async () => {
  const own = engine();
  const widths: number[] = [];
  const service = await makeService(
    folder,
    remote({
      ...own,
      nearest(query) {
        widths.push(query.width);
        return own.nearest(query);
      },
    }),
  );
  await fill(service);
  await caughtUp(service);
  await ask(service, 'x');
  expect(widths).toEqual([engineSearchWidth]);
  await service.call('close', null);
});

it('keeps writes while the engine is down, says so, and catches up from the snapshot that the engine has', async () => {
  const applied: number[] = [];
  const service = await makeService(folder, remote(counting(engine(), applied)));
  await fill(service);
  await caughtUp(service);
  await postgres.stop();
  await fill(service, COUNT, COUNT + 30);
  await vi.waitFor(() => expect(statusOf(service).why).toContain('cannot be reached'), { timeout: 30_000 });
  await expect(service.call('answer', question('x'))).rejects.toMatchObject({ code: 'ENGINE_UNREACHABLE' });
  // What needs no graph is answered: words, few records, and single ones.
  const words = { ...question('x'), parsed: requestOf(settings.id, { mode: 'bm25', text: 'rivers', vector: null }) };
  expect(readAnswer((await service.call('answer', words)).body).results).not.toEqual([]);
  expect(await ask(service, 'x', { filter: { name: 'r7' } })).toHaveLength(1);
  expect(statusOf(service).why).not.toContain(PASSWORD);
  applied.length = 0;
  await service.call('close', null);
  await postgres.start();
  const again = await reopen(folder, remote(counting(engine(), applied)));
  await caughtUp(again);
  expect(await ask(again, 'x')).toEqual(exact(names(0, COUNT + 30), 'x'));
  expect(applied.reduce((sum, each) => sum + each, 0)).toBe(30);
  await again.call('close', null);
});

it('compares what the engine lacks, up to a bound; beyond it, it says that the engine is behind', async () => {
  let isOpen = true;
  const own = engine();
  const slow: RemoteEngine = {
    ...own,
    apply: async (changes, place) => {
      while (!isOpen) await new Promise((resolve) => setTimeout(resolve, 5));
      return own.apply(changes, place);
    },
  };
  const service = await makeService(folder, remote(slow));
  await fill(service);
  await caughtUp(service);
  isOpen = false;
  await fill(service, COUNT, COUNT + 20);
  expect(await ask(service, 'r510')).toEqual(exact(names(0, COUNT + 20), 'r510'));
  await fill(service, COUNT + 20, COUNT + 40);
  await expect(service.call('answer', question('x'))).rejects.toMatchObject({ code: 'ENGINE_BEHIND' });
  isOpen = true;
  await caughtUp(service);
  expect(await ask(service, 'x')).toEqual(exact(names(0, COUNT + 40), 'x'));
  await service.call('close', null);
});

it('is behind after a crash between its rows and the number of the snapshot, and no answer shows it', async () => {
  let crashes = false;
  const own = engine();
  const crashing: RemoteEngine = {
    ...own,
    async apply(changes, place) {
      await own.apply(changes, crashes ? null : place);
      if (crashes) throw new Error('the process ended here');
    },
  };
  const service = await makeService(folder, remote(crashing));
  await fill(service);
  await caughtUp(service);
  crashes = true;
  await write(service, [{ kind: 'delete', namespace: '', id: 'r1' }, ...put('late')]);
  await vi.waitFor(() => expect(statusOf(service).state).toBe('down'));
  await service.call('close', null);
  const again = await reopen(folder, remote());
  await caughtUp(again);
  expect(await ask(again, 'late')).toEqual(exact([...names(0, COUNT).filter((name) => name !== 'r1'), 'late'], 'late'));
  expect(statusOf(again).faults).toEqual({ unknown: 0, stale: 0, short: 0 });
  await again.call('close', null);
});

it('rewrites an engine that is ahead of a restored index, or has another history', async () => {
  const service = await makeService(folder, remote());
  await fill(service);
  await caughtUp(service);
  await service.call('close', null);
  await postgres.query(
    `UPDATE tributary_indexes SET snapshot = 999; INSERT INTO ${await tableName()} SELECT 900, 0, '', vector FROM ${await tableName()} LIMIT 1`,
  );
  const ahead = await reopen(folder, remote());
  await caughtUp(ahead);
  expect(await ask(ahead, 'x')).toEqual(exact(names(0, COUNT), 'x'));
  expect(statusOf(ahead).faults.unknown).toBe(0);
  await ahead.call('close', null);
  await postgres.query(
    `UPDATE tributary_indexes SET manifest = 'of another'; UPDATE ${await tableName()} SET slot = slot + 1000`,
  );
  const other = await reopen(folder, remote());
  await caughtUp(other);
  expect(await ask(other, 'x')).toEqual(exact(names(0, COUNT), 'x'));
  await other.call('close', null);
});

it('repairs rows that somebody changed in the engine', async () => {
  const service = await makeService(folder, remote());
  await fill(service);
  await caughtUp(service);
  await postgres.query(`UPDATE ${await tableName()} SET version = 1`);
  await ask(service, 'x');
  expect(statusOf(service).faults.stale).toBeGreaterThan(0);
  await caughtUp(service);
  const before = statusOf(service).faults.stale;
  await ask(service, 'x');
  expect(statusOf(service).faults.stale).toBe(before);
  await service.call('close', null);
});

it('is taken over by the process that opened last; the other one says so and serves nothing from it', async () => {
  const service = await makeService(folder, remote());
  await fill(service);
  await caughtUp(service);
  await engine().open();
  await write(service, put('late'));
  await vi.waitFor(() => expect(statusOf(service).why).toContain('another process'), { timeout: 30_000 });
  await expect(service.call('answer', question('x'))).rejects.toMatchObject({ code: 'ENGINE_REFUSED' });
  await service.call('close', null);
});

it('is not asked at what is no address of it, and no message has that', async () => {
  for (const engineUrl of ['', 'db:5432/own', `https://me:${PASSWORD}@db/own`, 'postgres://', `postgres//me:${PASSWORD}@db`]) {
    const opening = openStore({ directory: join(folder, 'store'), owner: OWNER, engineUrl });
    await expect(opening).rejects.toMatchObject({ code: 'ENGINE_REFUSED', message: expect.not.stringContaining(PASSWORD) });
  }
});

it('is made, reopened and removed by a store; without an address, the index says what is missing', async () => {
  const directory = join(folder, 'store');
  const options = { directory, owner: OWNER, embedder: toyEmbedder() };
  const store = await openStore({ ...options, engineUrl: postgres.url });
  const index = await store.createIndex({ name: 'rivers', dimension: DIMENSION, metric: 'cosine', model: toyEmbedder().card });
  await index.upsert(records(COUNT));
  await vi.waitFor(() => expect(index.info().engine).toMatchObject({ waiting: 0, state: 'ready' }), { timeout: 60_000 });
  const parsed = requestOf(index.info().id, { mode: 'dense', topK: 5 });
  const found = await index.search({ parsed });
  expect(found.records).toHaveLength(5);
  expect(JSON.stringify(index.info())).not.toContain(PASSWORD);
  await store.close();

  const without = await openStore(options);
  await vi.waitFor(() => expect(without.index('rivers').info().engine!.why).toContain('TRIBUTARY_ENGINE_URL'));
  // Few enough to be compared here: the same answer.
  expect((await without.index('rivers').search({ parsed })).records).toEqual(found.records);
  const local = await without.createIndex({ name: 'local', dimension: DIMENSION, metric: 'cosine', model: null });
  expect(local.info()).toMatchObject({ graphOn: null, engine: null });
  await without.close();

  const again = await openStore({ ...options, engineUrl: postgres.url });
  expect((await again.index('rivers').search({ parsed })).records).toEqual(found.records);
  await again.removeIndex('rivers');
  expect(await postgres.query('SELECT * FROM tributary_indexes')).toEqual([]);
  await again.close();
});
