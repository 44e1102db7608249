import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { renameSynced, openHeadFile } from '@tributary/runtime';
import { EMPTY_ROOT, createTree, fromHex, ZERO_HASH } from '@tributary/proof/primitives';
import { openDatabase } from '../disk/database.ts';
import { metaKey } from '../disk/keys.ts';
import { writeSettings } from '../disk/settings.ts';
import { makeCheckpoint, makeManifest } from '../snapshot/manifest.ts';
import { manifestOperations } from '../write/commit.ts';
import { STORE_FORMAT, type OpenOptions } from './types.ts';

/**
 * Creates an index in the folder `making` and renames it last. A crash leaves all of it or nothing.
 *
 * @throws StoreError DISK_WRITE
 */
export async function makeIndex(options: OpenOptions & { making: string; time: number }): Promise<void> {
  const { making, directory, settings, time } = options;
  await rm(making, { recursive: true, force: true });
  await mkdir(making, { recursive: true, mode: 0o700 });
  await createIndexFiles({ ...options, directory: making }, time);
  await writeSettings(making, settings);
  await renameSynced(making, directory);
}

/** Fits a record of 3,072 components with its text. */
const PAGE_BYTES = 16_384;

/**
 * Creates the files of an empty index. Manifest 0 is its first.
 *
 * @throws StoreError DISK_WRITE
 */
async function createIndexFiles(options: OpenOptions, time: number): Promise<void> {
  const { directory, settings, seed } = options;
  const database = await (options.openDatabase ?? openDatabase)(join(directory, 'db'), { create: true, pageBytes: PAGE_BYTES });
  try {
    const nothing = { size: 0, root: EMPTY_ROOT };
    const write = { sequence: 0, hash: ZERO_HASH };
    const manifest = makeManifest(
      { sequence: 0, previous: ZERO_HASH, tree: nothing, live: 0, write, time, writers: null },
      settings,
    );
    const log = createTree();
    log.set(0, manifest.leaf);
    const checkpoint = makeCheckpoint(1, log.root(), settings, seed);
    await database.batch([
      { key: metaKey('format'), value: Buffer.from(STORE_FORMAT) },
      ...manifestOperations(manifest, 0, checkpoint),
    ]);
    const head = await (options.openHead ?? openHeadFile)(join(directory, 'head'));
    try {
      await head.write({ sequence: 0, hash: fromHex(ZERO_HASH), snapshot: 0 });
    } finally {
      await head.close();
    }
  } finally {
    await database.close();
  }
}
