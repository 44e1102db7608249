// An index whose graph is on PostgreSQL, which names what is not so.
import { expect, it } from 'vitest';
import type { RemoteRow } from '../src/remote/types.ts';
import { ask, caughtUp, COUNT, engine, exact, fill, folder, names, remote, statusOf } from './_engine.ts';
import { makeService, write } from './_service.ts';

it.each<[string, (rows: RemoteRow[]) => RemoteRow[], (faults: { unknown: number; stale: number; short: number }) => boolean]>([
  [
    'slots that do not exist',
    (rows) => [{ slot: 9_999_999, version: 1 }, { slot: -1, version: 0 }, ...rows],
    ({ unknown }) => unknown > 0,
  ],
  [
    'slots that are no numbers',
    (rows) => [{ slot: Number.NaN, version: Number.NaN }, { slot: 1.5, version: 2 }, ...rows],
    ({ unknown }) => unknown > 0,
  ],
  ['each slot twice', (rows) => [...rows, ...rows], ({ unknown }) => unknown > 0],
  ['other versions', (rows) => rows.map(({ slot, version }) => ({ slot, version: version + 1 })), ({ stale }) => stale > 0],
  [
    'too many rows',
    (rows) => [...rows, ...Array.from({ length: 5_000 }, (_, at) => ({ slot: at, version: 0 }))],
    ({ unknown }) => unknown > 0,
  ],
])('stays right when the engine names %s', async (_, lie, isCounted) => {
  const own = engine();
  const service = await makeService(folder, remote({ ...own, nearest: async (query) => lie(await own.nearest(query)) }, 200));
  await fill(service);
  await caughtUp(service);
  for (const name of ['x', 'y']) expect(await ask(service, name)).toEqual(exact(names(0, COUNT), name));
  expect(isCounted(statusOf(service).faults)).toBe(true);
  await service.call('close', null);
});

it('never has a wrong score, nor a deleted record, from an engine that names the farthest, the deleted, or nothing', async () => {
  const own = engine();
  let rows: (all: RemoteRow[]) => RemoteRow[] = () => [];
  const service = await makeService(folder, remote({ ...own, nearest: async (query) => rows(await own.nearest(query)) }));
  await fill(service);
  await caughtUp(service);
  await write(service, [{ kind: 'delete', namespace: '', id: 'r3' }]);
  await caughtUp(service);
  const scores = new Map(exact(names(0, COUNT), 'x', COUNT));
  for (const lie of [
    () => [],
    () => [{ slot: 3, version: 0 }],
    () => Array.from({ length: 30 }, (_, slot) => ({ slot, version: 0 })),
  ]) {
    rows = lie;
    const found = await ask(service, 'x');
    for (const [id, score] of found) expect(score).toBe(scores.get(id));
    expect(found.map(([id]) => id)).not.toContain('r3');
    expect(found.map(([, score]) => score)).toEqual(found.map(([, score]) => score).toSorted((a, b) => b - a));
  }
  expect(statusOf(service).faults.short).toBeGreaterThan(0);
  await service.call('close', null);
});
