import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openHeadFile } from '../head-file.ts';
import { copyRows } from './copy-rows.ts';
import { openRows } from './open-rows.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-copy-'));
});
afterEach(() => rm(folder, { recursive: true }));

const key = (number: number) => Buffer.from(`k${String(number).padStart(8, '0')}`);
const hash = new Uint8Array(32);

/** Writes group after group, each followed by its head, as store and ledger do, until it is told to stop. */
async function writing(here: boolean) {
  const rows = await openRows(join(folder, 'db'), { here });
  const head = await openHeadFile(join(folder, 'head'));
  let acknowledged = 0;
  let stopped = false;
  const done = (async () => {
    for (let group = 1; !stopped; group += 1) {
      await rows.batch([{ key: key(group), value: Buffer.alloc(3_000, group % 251) }]);
      await head.write({ sequence: group, hash, snapshot: group });
      acknowledged = group;
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  return {
    acknowledged: () => acknowledged,
    async stop() {
      stopped = true;
      await done;
      await head.close();
      await rows.close();
    },
  };
}

it.each([false, true])('a copy has all that was acknowledged before it began, and its head fits: own thread %s', async (here) => {
  const writer = await writing(here);
  for (let copy = 0; copy < 5; copy += 1) {
    while (writer.acknowledged() < 40 * (copy + 1)) await new Promise((resolve) => setTimeout(resolve, 5));
    const before = writer.acknowledged();
    const to = join(folder, `copy-${copy}`);
    const { commit } = await copyRows(join(folder, 'db'), join(to, 'db'), {
      from: join(folder, 'head'),
      to: join(to, 'head'),
    });
    expect(commit).toBeGreaterThanOrEqual(before);
    expect((await readdir(join(to, 'db'))).toSorted()).toEqual(['acknowledged', 'rows']);
    expect((await stat(join(to, 'db/rows'))).mode & 0o077).toBe(0);
    const rows = await openRows(join(to, 'db'), { create: false });
    const head = await openHeadFile(join(to, 'head'));
    const { sequence } = (await head.read())!;
    expect([commit, commit - 1]).toContain(sequence);
    for (let group = 1; group <= commit; group += 1) expect(rows.get(key(group))?.[0], `${group}`).toBe(group % 251);
    expect(rows.get(key(commit + 1))).toBeUndefined();
    expect(await rows.checkStructure()).toBeNull();
    await rows.batch([{ key: key(0), value: Buffer.from('goes on') }]);
    await head.close();
    await rows.close();
  }
  await writer.stop();
});

it('refuses a folder without rows, and makes nothing', async () => {
  await expect(copyRows(join(folder, 'db'), join(folder, 'copy'))).rejects.toMatchObject({ trouble: 'missing' });
  expect(await readdir(folder)).toEqual([]);
});
