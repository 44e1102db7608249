import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { renameSynced, type Head } from '@tributary/runtime';
import type { Database, DiskReader } from '../disk/database.ts';
import { readRevision } from '../disk/records.ts';
import { dropImage, readImage } from '../image/image.ts';
import { createEngine } from '../search/engine.ts';
import type { IndexSettings } from '../types.ts';
import { createKeptVectors, type KeptVectors } from '../vectors/kept-vectors.ts';
import { openVectorFile } from '../vectors/vector-file.ts';
import { followChains } from './chains.ts';
import { loadEngine, rebuildTree } from './records.ts';
import { resumeFrom } from './resume.ts';
import type { OpenedIndex, OpeningParts, OpenOptions } from './types.ts';

/** Where a vector is read that its file does not have: the snapshot that is searched. */
export interface RecordSource {
  reader: () => Pick<DiskReader, 'get'>;
}

/**
 * Opens what an index serves from: from its image, or else from its rows. A refused opening leaves the files as they
 * are.
 *
 * @throws StoreError STORE_DAMAGED
 */
export async function openEngine(
  { directory, settings, seed, remote = null }: OpenOptions,
  database: Database,
  head: Head | null,
  source: RecordSource,
): Promise<OpenedIndex> {
  const path = join(directory, 'vectors');
  const image = await readImage(directory, settings.id);
  if (image !== null) {
    const kept = keepVectors(path, settings, source);
    const opened = await resumeFrom(image, { database, head, settings, seed, kept, remote });
    if (opened !== null) return opened;
    kept?.close();
  }
  const making = `${path}.new`;
  const kept = keepVectors(making, settings, source, true);
  try {
    const opened = await openFromRows({ database, head, settings, seed, kept, remote });
    // Neither is needed to serve: on a disk that cannot be written, they stay.
    await dropImage(directory).catch(() => undefined);
    if (kept !== null) await renameSynced(making, path).catch(() => undefined);
    return opened;
  } catch (error) {
    kept?.close();
    if (kept !== null) rmSync(making, { force: true });
    throw error;
  }
}

async function openFromRows({ database, head, settings, kept, remote }: OpeningParts): Promise<OpenedIndex> {
  const chains = await followChains(database, head, settings);
  const tree = await rebuildTree(database, chains.manifest, settings);
  const { dimension, metric } = settings;
  const engine = createEngine({ dimension, metric, kept, remote });
  const free = await loadEngine(database, tree, chains.manifest, engine, settings);
  return { chains, tree, engine, free, image: { snapshot: null, changes: chains.manifest.live } };
}

/** Null for an index without dense vectors, and where no file can be had: then all vectors are in memory. */
function keepVectors(path: string, { dimension }: IndexSettings, source: RecordSource, isNew = false): KeptVectors | null {
  if (dimension === 0) return null;
  try {
    if (isNew) rmSync(path, { force: true });
    const file = openVectorFile(path, dimension);
    return createKeptVectors(file, dimension, (slot) => readRevision(source.reader(), slot)?.vector ?? null);
  } catch {
    return null;
  }
}
