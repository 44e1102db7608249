import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { TributaryError } from '@tributary/schemas';
import { openKeyFile } from '../key-file.ts';
import { folderError, keyDigest, readManifest, writeManifest } from './manifest.ts';

/** What a role keeps in its data folder. */
export interface FolderContents<Key extends string> {
  /** Names of its keys, `keys/NAME.key`. */
  readonly keys: readonly Key[];
  /**
   * Files and folders that only a folder in use has. One of them without a manifest means that the manifest is lost.
   */
  readonly holds: readonly string[];
}

type RandomBytes = (length: number) => Uint8Array;

/**
 * Reads the keys of a data folder. A new folder gets its keys and then its manifest, which lists them; with a manifest
 * no key is ever made again.
 *
 * @throws TributaryError KEY_FILE when a key is missing, damaged, readable by others, or not the one that the manifest
 *   lists; DATA_FOLDER when the manifest is lost; FILE_DAMAGED
 */
export async function openFolderKeys<Key extends string>(
  directory: string,
  { keys: names, holds }: FolderContents<Key>,
  randomBytes: RandomBytes,
): Promise<Record<Key, Uint8Array>> {
  const manifest = await readManifest(directory);
  if (manifest === null) return makeKeys(directory, names, holds, randomBytes);
  const keys = {} as Record<Key, Uint8Array>;
  for (const name of names) keys[name] = await readKey(directory, name, manifest.keys[name]);
  for (const [name, noted] of Object.entries(manifest.keys))
    if (!Object.hasOwn(keys, name)) await readKey(directory, name, noted);
  return keys;
}

async function readKey(directory: string, name: string, noted: string | undefined): Promise<Uint8Array> {
  const path = pathOf(directory, name);
  const key = await openKeyFile(path, null);
  if (noted === keyDigest(key)) return key;
  throw new TributaryError('KEY_FILE', `${path} is not the key that ${directory} was made with; restore it from a backup`);
}

async function makeKeys<Key extends string>(
  directory: string,
  names: readonly Key[],
  holds: readonly string[],
  randomBytes: RandomBytes,
): Promise<Record<Key, Uint8Array>> {
  const found = holds.find((name) => existsSync(join(directory, name)));
  if (found !== undefined) throw folderError(directory, `it has '${found}' but no manifest.json`);
  const keys = {} as Record<Key, Uint8Array>;
  for (const name of names) keys[name] = await openKeyFile(pathOf(directory, name), randomBytes);
  const digests = Object.fromEntries(names.map((name) => [name, keyDigest(keys[name])]));
  await writeManifest(directory, { version: 0, keys: digests, parts: {} });
  return keys;
}

/**
 * Replaces a key by a new one, in a folder that nobody uses.
 *
 * @throws TributaryError FILE_DAMAGED, DATA_FOLDER, KEY_FILE, DISK_WRITE
 */
export async function renewKey(directory: string, name: string, randomBytes: RandomBytes): Promise<void> {
  const manifest = await readManifest(directory);
  if (manifest === null) throw folderError(directory, 'it has no manifest.json');
  await rm(pathOf(directory, name), { force: true });
  const key = await openKeyFile(pathOf(directory, name), randomBytes);
  await writeManifest(directory, { ...manifest, keys: { ...manifest.keys, [name]: keyDigest(key) } });
}

const pathOf = (directory: string, name: string): string => join(directory, 'keys', `${name}.key`);
