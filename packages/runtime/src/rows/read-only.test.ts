// A folder of rows on a file system that is read-only is read without a change, also what only its log has.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openHeadFile } from '../head-file.ts';
import { openRows } from './open-rows.ts';
import type { Rows } from './types.ts';

const run = (command: string, ...args: string[]): boolean => spawnSync(command, args).status === 0;
const canMount = process.getuid?.() === 0 && run('unshare', '--mount', 'true');

let folder: string;
let data: string;
let mounted: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-read-only-'));
  [data, mounted] = [join(folder, 'data'), join(folder, 'mounted')];
  for (const path of [data, mounted]) await mkdir(path);
});
afterEach(async () => {
  run('umount', '--lazy', mounted);
  await rm(folder, { recursive: true });
});

/** Shows `data` at `mounted`, where nothing can be written. */
const mount = (): boolean => run('mount', '--bind', data, mounted) && run('mount', '-o', 'remount,bind,ro', mounted);
const [key, other] = [Buffer.from('a'), Buffer.from('b')];
const put = (rows: Rows, at: Buffer, value: string) => rows.batch([{ key: at, value: Buffer.from(value) }]);

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  const entries = await readdir(path, { withFileTypes: true });
  for (const { name } of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1)))
    hash.update(name).update(await readFile(join(path, name)));
  return hash.digest('hex');
}

/** A folder as a kill leaves it: its copy while it is open. */
async function killed(): Promise<void> {
  const live = join(folder, 'live');
  const rows = await openRows(live);
  await put(rows, key, '1');
  await cp(live, data, { recursive: true });
  await rows.close();
}

it('an opening that wrote nothing leaves no file behind', async () => {
  await (await openRows(data)).close();
  const before = await hashOf(data);
  const rows = await openRows(data);
  expect(rows.get(key)).toBeUndefined();
  await rows.close();
  expect(await hashOf(data)).toBe(before);
});

it('a head file is made by the first write, not by an opening', async () => {
  const head = await openHeadFile(join(data, 'head'));
  expect(await head.read()).toBeNull();
  expect(await readdir(data)).toEqual([]);
  await head.write({ sequence: 1, hash: new Uint8Array(32), snapshot: 1 });
  expect(await head.read()).toMatchObject({ sequence: 1 });
  await head.close();
});

describe.runIf(canMount)('on a read-only file system', () => {
  it.each([
    [
      'after a clean stop',
      async () => {
        const rows = await openRows(data);
        await put(rows, key, '1');
        await rows.close();
      },
    ],
    ['after a kill', killed],
    [
      'after a kill, without the map of the log',
      async () => {
        await killed();
        await rm(join(data, 'rows-shm'));
      },
    ],
  ])('reads every row %s, beside other readers, and changes no byte', async (_, fill) => {
    await fill();
    const before = await hashOf(data);
    expect(mount()).toBe(true);
    const rows = await openRows(mounted);
    const second = await openRows(mounted);
    expect(rows.readOnly).toBe(true);
    expect(String(rows.get(key))).toBe('1');
    const snapshot = second.snapshot();
    expect(String(snapshot.get(key))).toBe('1');
    const found: string[] = [];
    for await (const [, value] of snapshot.scan({ gte: key, lt: other })) found.push(String(value));
    expect(found).toEqual(['1']);
    expect(await rows.checkStructure()).toBeNull();
    await expect(put(rows, other, '2')).rejects.toMatchObject({ trouble: 'read-only' });
    snapshot.close();
    await second.close();
    await rows.close();
    expect(await hashOf(data)).toBe(before);
  });

  it('keeps out whoever writes the folder through another mount, and is kept out by it', async () => {
    await (await openRows(data)).close();
    expect(mount()).toBe(true);
    const reader = await openRows(mounted);
    await expect(openRows(data)).rejects.toMatchObject({ trouble: 'locked' });
    await reader.close();
    const writer = await openRows(data);
    await expect(openRows(mounted)).rejects.toMatchObject({ trouble: 'locked' });
    await put(writer, key, '1');
    await writer.close();
  });

  it('still finds that acknowledged writes are missing', async () => {
    await killed();
    await rm(join(data, 'rows-wal'));
    expect(mount()).toBe(true);
    await expect(openRows(mounted)).rejects.toMatchObject({ trouble: 'damaged' });
  });

  it('makes nothing', async () => {
    expect(mount()).toBe(true);
    await expect(openRows(mounted)).rejects.toMatchObject({ trouble: 'read-only' });
    await expect(openRows(join(mounted, 'new'))).rejects.toMatchObject({ trouble: 'read-only' });
    const head = await openHeadFile(join(mounted, 'head'));
    expect(await head.read()).toBeNull();
    await expect(head.write({ sequence: 1, hash: new Uint8Array(32), snapshot: 1 })).rejects.toMatchObject({ code: 'READ_ONLY' });
    await head.close();
  });
});
