import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openHeadFile } from '../head-file.ts';
import { openRows } from '../rows/open-rows.ts';
import { sealNext } from '../sealed-file.ts';
import { copyFolder } from './copy-folder.ts';
import { openFolderKeys } from './keys.ts';
import { readManifest } from './manifest.ts';
import { openFolderParts, type DataFolder } from './parts.ts';

let place: string;
let data: string;
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'tributary-copy-folder-'));
  data = join(place, 'data');
  await openFolderKeys(data, { keys: ['owner'], holds: [] }, randomBytes);
});
afterEach(() => rm(place, { recursive: true }));

/** Rows with a head beside them, as those of a ledger or an index. */
async function makeRows(folder: string, commits: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const rows = await openRows(join(folder, 'db'), { here: true });
  const head = await openHeadFile(join(folder, 'head'));
  for (let at = 1; at <= commits; at += 1) {
    await rows.batch([{ key: Buffer.from(`k${at}`), value: Buffer.from('1') }]);
    await head.write({ sequence: at, hash: new Uint8Array(32), snapshot: at });
  }
  await head.close();
  await rows.close();
}

const indexOf = (name: string): string => join(data, 'indexes', name);
const partsOf = (name: string): string[] => [`indexes/${name}/index.json`, `indexes/${name}/db`];

async function makeIndex(folder: DataFolder, name: string): Promise<void> {
  const making = join(data, 'indexes', '.making');
  await makeRows(making, 2);
  await sealNext(join(making, 'index.json'), { name });
  await rename(making, indexOf(name));
  for (const part of partsOf(name)) await folder.expect(part);
  await folder.note(...partsOf(name));
}

async function removeIndex(folder: DataFolder, name: string): Promise<void> {
  await folder.forget(...partsOf(name));
  await rename(indexOf(name), join(data, 'indexes', '.removing'));
  await rm(join(data, 'indexes', '.removing'), { recursive: true });
}

it('copies a folder in use without what is on its way, and the copy opens', async () => {
  await makeRows(join(data, 'ledger'), 7);
  const folder = await openFolderParts(data);
  await folder.expect('ledger/db');
  await makeIndex(folder, 'a');
  await folder.note();
  for (const path of ['uploads', 'indexes/.making']) await mkdir(join(data, path));
  for (const path of ['uploads/half', 'indexes/.making/half', 'admin.sock', 'identity.json.new', 'identity.json'])
    await writeFile(join(data, path), path);
  const to = join(place, 'copy');
  expect(await copyFolder(data, to)).toEqual({ inUse: true });
  await folder.close();
  expect((await readdir(to)).toSorted()).toEqual(['identity.json', 'indexes', 'keys', 'ledger', 'manifest.json']);
  expect((await readdir(join(to, 'indexes/a'))).toSorted()).toEqual(['db', 'head', 'index.json']);
  expect(await readFile(join(to, 'keys/owner.key'))).toEqual(await readFile(join(data, 'keys/owner.key')));
  const copy = await openFolderParts(to);
  for (const part of ['ledger/db', ...partsOf('a')]) await copy.expect(part);
  await copy.close();
});

it('copies a folder that nobody uses byte for byte', async () => {
  await makeRows(join(data, 'ledger'), 3);
  const to = join(place, 'copy');
  expect(await copyFolder(data, to)).toEqual({ inUse: false });
  expect((await readdir(to, { recursive: true })).toSorted()).toEqual((await readdir(data, { recursive: true })).toSorted());
  expect(await readFile(join(to, 'ledger/db/rows'))).toEqual(await readFile(join(data, 'ledger/db/rows')));
});

it('every copy opens while parts come and go, and has those that stayed', async () => {
  const folder = await openFolderParts(data);
  await makeIndex(folder, 'stays');
  let stopped = false;
  const changing = (async () => {
    for (let at = 0; !stopped; at += 1) {
      await makeIndex(folder, `i${at % 3}-${at}`);
      if (at >= 3) await removeIndex(folder, `i${(at - 3) % 3}-${at - 3}`);
    }
  })();
  for (let copy = 0; copy < 8; copy += 1) {
    const to = join(place, `copy-${copy}`);
    await copyFolder(data, to);
    const opened = await openFolderParts(to);
    expect(opened.expected()).toEqual(expect.arrayContaining(partsOf('stays')));
    for (const part of Object.keys((await readManifest(to))!.parts)) await opened.expect(part);
    await opened.close();
  }
  stopped = true;
  await changing;
  await folder.close();
}, 60_000);
