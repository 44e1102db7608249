import { spawnSync } from 'node:child_process';
import { mkdtemp, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rendezvousEntriesMax, rendezvousEntryBytesMax } from './limits.ts';
import { enterRendezvous, readRendezvous, rendezvousDirectory } from './rendezvous.ts';

let folder: string;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'tributary-rendezvous-')), 'nodes');
});
afterEach(async () => {
  await rm(join(folder, '..'), { recursive: true });
});
const entryOf = (peerId: string, pid = process.pid) => ({ peerId, addresses: [`/ip4/127.0.0.1/tcp/1/p2p/${peerId}`], pid });
const modeOf = async (path: string) => (await stat(path)).mode & 0o777;
const put = (name: string, text: string) => writeFile(join(folder, name), text);

describe('nodes of one machine', () => {
  it('find each other, not themselves, until they leave', async () => {
    const leave = await enterRendezvous(folder, entryOf('one'));
    await enterRendezvous(folder, entryOf('two'));
    expect(await readRendezvous(folder, 'two')).toEqual([entryOf('one')]);
    await leave();
    await leave();
    expect(await readRendezvous(folder, 'three')).toEqual([entryOf('two')]);
    expect(await readdir(folder)).toEqual(['two.json']);
  });

  it('have files that only their user can read', async () => {
    await mkdir(folder, { mode: 0o777 });
    await enterRendezvous(folder, entryOf('one'));
    expect([await modeOf(folder), await modeOf(join(folder, 'one.json'))]).toEqual([0o700, 0o600]);
  });

  it('replace their entry when they start again', async () => {
    await enterRendezvous(folder, entryOf('one'));
    await enterRendezvous(folder, { ...entryOf('one'), addresses: [] });
    expect(await readRendezvous(folder, '')).toEqual([{ ...entryOf('one'), addresses: [] }]);
  });

  it('remove the entries of those that were killed', async () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']); // has ended and was waited for
    await enterRendezvous(folder, entryOf('dead', pid));
    await enterRendezvous(folder, entryOf('alive'));
    expect(await readRendezvous(folder, '')).toEqual([entryOf('alive')]);
    expect(await readdir(folder)).toEqual(['alive.json']);
  });
});

describe('a file that is not an entry', () => {
  it.each([
    ['nothing', ''],
    ['no JSON', '{'],
    ['another shape', '{"peerId":"x"}'],
    ['a member too many', JSON.stringify({ ...entryOf('x'), more: 1 })],
    ['a process id that would signal a group', JSON.stringify(entryOf('x', 0))],
    ['too many addresses', JSON.stringify({ ...entryOf('x'), addresses: Array.from({ length: 17 }, () => 'a') })],
    ['too long a file', JSON.stringify(entryOf('x')).padEnd(rendezvousEntryBytesMax + 1)],
  ])('is skipped and left alone: %s', async (_, text) => {
    await enterRendezvous(folder, entryOf('one'));
    await put('junk.json', text);
    await put('note.txt', JSON.stringify(entryOf('note')));
    await mkdir(join(folder, 'folder.json'));
    expect(await readRendezvous(folder, '')).toEqual([entryOf('one')]);
    expect((await readdir(folder)).toSorted()).toEqual(['folder.json', 'junk.json', 'note.txt', 'one.json']);
  });

  it('is read up to the longest entry', async () => {
    await mkdir(folder);
    await put('x.json', JSON.stringify(entryOf('x')).padEnd(rendezvousEntryBytesMax));
    expect(await readRendezvous(folder, '')).toEqual([entryOf('x')]);
  });

  it('is looked for in a bounded number of files', async () => {
    await mkdir(folder);
    const names = Array.from({ length: rendezvousEntriesMax + 5 }, (_, at) => `n${at}`);
    await Promise.all(names.map((name) => put(`${name}.json`, JSON.stringify(entryOf(name)))));
    expect(await readRendezvous(folder, '')).toHaveLength(rendezvousEntriesMax);
  });

  it('is a folder that does not exist', async () => {
    expect(await readRendezvous(join(folder, 'nowhere'), '')).toEqual([]);
  });
});

it('lies in the folder that the environment names, else in the runtime or home folder', () => {
  expect(rendezvousDirectory({ TRIBUTARY_RENDEZVOUS: '/here', XDG_RUNTIME_DIR: '/run/user/1' })).toBe('/here');
  expect(rendezvousDirectory({ XDG_RUNTIME_DIR: '/run/user/1' })).toBe('/run/user/1/tributary');
  expect(rendezvousDirectory({})).toMatch(/\.tributary.rendezvous$/);
});
