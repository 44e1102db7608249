import { randomBytes } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openRows } from '../rows/open-rows.ts';
import { sealNext } from '../sealed-file.ts';
import { openFolderKeys, renewKey } from './keys.ts';
import { checkFolder, checkPart, openFolderParts } from './parts.ts';

let folder: string;
const contents = { keys: ['owner', 'peer'], holds: ['ledger', 'policy.json'] } as const;
const keys = () => openFolderKeys(folder, contents, randomBytes);
const keyFile = (name: string) => join(folder, 'keys', `${name}.key`);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-folder-'));
});
afterEach(() => rm(folder, { recursive: true }));

const put = async (key: string): Promise<void> => {
  const rows = await openRows(join(folder, 'ledger'), { here: true });
  await rows.batch([{ key: Buffer.from(key), value: Buffer.from('1') }]);
  await rows.close();
};

/** Opens the folder, expects both parts, changes them, and closes. */
async function use(change: () => Promise<void> = async () => undefined): Promise<void> {
  const parts = await openFolderParts(folder);
  try {
    await parts.expect('ledger');
    await parts.expect('policy.json');
    await change();
  } finally {
    await parts.close();
  }
}

const change = async (): Promise<void> => {
  await put('a');
  await sealNext(join(folder, 'policy.json'), { price: 5 });
};

it('makes keys once, and the same ones are there afterwards', async () => {
  const made = await keys();
  expect(await keys()).toEqual(made);
  await renewKey(folder, 'peer', randomBytes);
  const renewed = await keys();
  expect(renewed.owner).toEqual(made.owner);
  expect(renewed.peer).not.toEqual(made.peer);
});

it('continues a first start that was killed between two keys', async () => {
  const made = await keys();
  await rm(join(folder, 'manifest.json'));
  await rm(keyFile('peer'));
  expect((await keys()).owner).toEqual(made.owner);
});

it.each([
  ['a missing key', () => rm(keyFile('owner')), 'KEY_FILE'],
  ['another key', () => writeFile(keyFile('owner'), `${'ab'.repeat(32)}\n`, { mode: 0o600 }), 'KEY_FILE'],
  ['a lost manifest', () => rm(join(folder, 'manifest.json')), 'DATA_FOLDER'],
  ['a damaged manifest', () => writeFile(join(folder, 'manifest.json'), '{}'), 'FILE_DAMAGED'],
])('refuses %s and makes nothing', async (_, damage, code) => {
  await keys();
  await use(change);
  await damage();
  await expect(keys()).rejects.toMatchObject({ code });
  await expect(keys()).rejects.toMatchObject({ code });
});

it.each(['ledger', 'policy.json'])('refuses %s when it is missing or older than it was', async (part) => {
  await keys();
  await use(change);
  const old = await mkdtemp(join(tmpdir(), 'tributary-old-'));
  await cp(join(folder, part), join(old, part), { recursive: true });
  await use(change);
  await rm(join(folder, part), { recursive: true });
  await expect(use()).rejects.toMatchObject({ code: 'DATA_FOLDER', message: expect.stringContaining(`'${part}' is missing`) });
  await cp(join(old, part), join(folder, part), { recursive: true });
  await expect(use()).rejects.toMatchObject({ code: 'DATA_FOLDER', message: expect.stringContaining('older') });
  await expect(checkPart(folder, part)).rejects.toMatchObject({ code: 'DATA_FOLDER' });
  await rm(old, { recursive: true });
});

it('finds that acknowledged rows are gone before anything of the folder is opened', async () => {
  await keys();
  await use(change);
  const parts = await openFolderParts(folder);
  await parts.close();
  await put('b');
  const marker = await readFile(join(folder, 'ledger/acknowledged'));
  await rm(join(folder, 'ledger'), { recursive: true });
  await put('a');
  await writeFile(join(folder, 'ledger/acknowledged'), marker);
  const message = expect.stringContaining('acknowledged writes are missing') as string;
  await expect(openFolderParts(folder)).rejects.toMatchObject({ code: 'FILE_DAMAGED', message });
  await expect(checkFolder(folder)).rejects.toMatchObject({ code: 'FILE_DAMAGED' });
  await checkFolder(join(folder, 'never-made'));
});

it('takes parts that are newer than what was noted, as after a kill', async () => {
  await keys();
  await use(change);
  const noted = await readFile(join(folder, 'manifest.json'));
  await use(change);
  await writeFile(join(folder, 'manifest.json'), noted);
  await use();
});

it('does not expect what was forgotten, also below a path', async () => {
  await keys();
  const parts = await openFolderParts(folder);
  const below = parts.below('policies');
  const file = join(folder, 'policies');
  await mkdir(file);
  await sealNext(join(file, 'docs.json'), 1);
  await below.expect('docs.json');
  await below.note();
  expect(below.expected()).toEqual(['docs.json']);
  expect(parts.expected()).toEqual(['policies/docs.json']);
  await below.forget('docs.json');
  await parts.note();
  expect(parts.expected()).toEqual([]);
  await rm(file, { recursive: true });
  await parts.close();
  await checkPart(folder, 'policies/docs.json');
});

it('does not take what it read of a removed part for that of its successor', async () => {
  await keys();
  const parts = await openFolderParts(folder);
  const path = join(folder, 'docs.json');
  for (let version = 0; version < 5; version += 1) await sealNext(path, version);
  await parts.expect('docs.json');
  const noting = parts.note(); // reads the version of the first before it is forgotten
  await parts.forget('docs.json');
  await rm(path);
  await sealNext(path, 'the successor');
  await parts.expect('docs.json');
  await Promise.all([noting, parts.note('docs.json')]);
  await parts.close();
  await checkPart(folder, 'docs.json');
});

it('leaves parts below a path to the one that opens them', async () => {
  await keys();
  await use(async () => sealNext(join(folder, 'policy.json'), 1));
  const parts = await openFolderParts(folder);
  await mkdir(join(folder, 'indexes'));
  await sealNext(join(folder, 'indexes/docs.json'), 1);
  await parts.expect('indexes/docs.json');
  await parts.close();
  await rm(join(folder, 'indexes'), { recursive: true });
  await expect(openFolderParts(folder)).rejects.toMatchObject({ code: 'DATA_FOLDER' });
  const others = await openFolderParts(folder, 'indexes');
  await expect(others.expect('indexes/docs.json')).rejects.toMatchObject({ code: 'DATA_FOLDER' });
  await others.close();
});

it('is open once at a time', async () => {
  await keys();
  const parts = await openFolderParts(folder);
  await expect(openFolderParts(folder)).rejects.toMatchObject({ code: 'STORE_LOCKED' });
  await parts.close();
  await use();
});
