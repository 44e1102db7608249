import type { Head } from '@tributary/runtime';
import type { Database, DiskReader } from '../disk/database.ts';
import { readVector } from '../disk/records.ts';
import { dropImage, type Image } from '../image/image.ts';
import { createEngine } from '../search/engine.ts';
import type { IndexSettings } from '../types.ts';
import { createKeptVectors, type KeptVectors } from '../vectors/kept-vectors.ts';
import { followChains } from './chains.ts';
import { loadEngine } from './records.ts';
import { resumeFrom } from './resume.ts';
import type { OpenedIndex, OpeningParts, OpenOptions } from './types.ts';

/** Where vectors are read that are not in memory: the snapshot that is searched. */
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
  { directory, settings, seed, remote = null, graph }: OpenOptions,
  database: Database,
  head: Head | null,
  source: RecordSource,
  image: Image | null,
): Promise<OpenedIndex> {
  const parts = { database, head, settings, seed, remote, graph };
  const resumed = image === null ? null : await resumeFrom(image, { ...parts, kept: keepVectors(settings, source) });
  if (resumed !== null) return resumed;
  const opened = await openFromRows({ ...parts, kept: keepVectors(settings, source) });
  // It is not needed to serve: on a disk that cannot be written, it stays.
  await dropImage(directory).catch(() => undefined);
  return opened;
}

async function openFromRows({ database, head, settings, kept, remote, graph }: OpeningParts): Promise<OpenedIndex> {
  const chains = await followChains(database, head, settings);
  const { dimension, metric } = settings;
  const engine = createEngine({ dimension, metric, kept, remote, hnsw: graph });
  const { tree, free } = await loadEngine(database, chains.manifest, engine, settings);
  return { chains, tree, engine, free, image: { snapshot: null, changes: chains.manifest.live } };
}

/** Null for an index without dense vectors. */
function keepVectors({ dimension }: IndexSettings, source: RecordSource): KeptVectors | null {
  return dimension === 0 ? null : createKeptVectors((slot) => readVector(source.reader(), slot));
}
