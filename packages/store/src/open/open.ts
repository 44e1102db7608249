import { fromHex } from '@tributary/proof/primitives';
import { readWriters } from '@tributary/proof/statements';
import { isTributaryError, type Manifest } from '@tributary/schemas';
import { join } from 'node:path';
import { createTurnstile, openHeadFile, type HeadFile } from '@tributary/runtime';
import { createResultCache, createRevisionCache } from '../answer/cache.ts';
import { readDamage } from '../disk/damage.ts';
import { openDatabase, type Database } from '../disk/database.ts';
import { metaKey } from '../disk/keys.ts';
import { StoreError } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import { dropGraph, readStoredGraph } from '../graph/stored-graph.ts';
import { resultCacheBytesMax, revisionCacheBytesMax } from '../limits.ts';
import { readImage, type Image } from '../image/image.ts';
import { findWriters } from '../snapshot/proofs.ts';
import { graphDefaults } from '../search/engine.ts';
import type { IndexState } from '../state.ts';
import type { IndexSettings } from '../types.ts';
import type { HeldWriters } from '../write/types.ts';
import { damaged } from './chains.ts';
import { openEngine, type RecordSource } from './engine.ts';
import { loadUndo } from './records.ts';
import { STORE_FORMAT, type OpenedIndex, type OpenOptions } from './types.ts';

/**
 * Opens an index. It follows the chains and compares them with the head file. Tree, postings and filters come from the
 * image if there is one that fits, otherwise from the records. The graph is loaded from its file.
 *
 * @throws StoreError STORE_LOCKED, STORE_FORMAT, STORE_DAMAGED, DISK_WRITE
 */
export async function openIndex(options: OpenOptions): Promise<IndexState> {
  const files = readFiles(options);
  const database = await (options.openDatabase ?? openDatabase)(join(options.directory, 'db'), { create: false });
  let head: HeadFile | null = null;
  try {
    head = await (options.openHead ?? openHeadFile)(join(options.directory, 'head'));
    return await readState(options, database, head, files);
  } catch (error) {
    await head?.close();
    await database.close();
    throw error;
  }
}

/** What was saved of what an index holds in memory. */
interface Files {
  readonly image: Promise<Image | null>;
  readonly graph: Promise<Graph | null>;
}

/** They are read while the thread that writes starts. If another process replaces one meanwhile, it is an older one. */
function readFiles({ directory, settings, remote = null, graph }: OpenOptions): Files {
  const { id, dimension } = settings;
  const isHere = remote === null && dimension > 0;
  return {
    image: readImage(directory, id).catch(() => null),
    graph: isHere ? readStoredGraph(directory, settings, graph ?? graphDefaults(dimension)) : Promise.resolve(null),
  };
}

async function readState(options: OpenOptions, database: Database, head: HeadFile, files: Files): Promise<IndexState> {
  const { directory } = options;
  checkFormat(database, directory);
  const source: RecordSource = { reader: () => database };
  const opened = await openEngine(options, database, await head.read(), source, await files.image);
  const { manifest, lastWrite, ahead } = opened.chains;
  if (ahead && !database.readOnly)
    await head.write({ sequence: lastWrite.sequence, hash: fromHex(lastWrite.hash), snapshot: manifest.sequence });
  const isGraphRight = !opened.engine.hasGraph || opened.engine.takeGraph(await files.graph);
  const state = await stateOf(opened, options, database, head);
  if (!isGraphRight && !database.readOnly) await dropGraph(directory);
  source.reader = () => state.published.reader;
  return state;
}

async function stateOf(
  { chains, tree, engine, free, image }: OpenedIndex,
  { directory, settings, seed, elapsedMs = () => performance.now() }: OpenOptions,
  database: Database,
  head: HeadFile,
): Promise<IndexState> {
  const { manifest, manifestHash, log, lastWrite } = chains;
  const { undo, first } = await loadUndo(database, manifest.sequence);
  const checkpoint = database.get(metaKey('checkpoint'))?.toString();
  if (checkpoint === undefined) throw damaged(settings, 'the checkpoint is missing');
  return {
    settings,
    seed,
    directory,
    database,
    head,
    engine,
    tree,
    log,
    free,
    cache: createResultCache(resultCacheBytesMax),
    revisions: createRevisionCache(revisionCacheBytesMax),
    damage: await readDamage(directory),
    undo,
    undoFirst: first,
    undoNow: timeFrom(undo.at(-1)?.time ?? manifest.time, elapsedMs),
    image,
    publishing: createTurnstile(),
    pending: null,
    published: {
      snapshot: manifest.sequence,
      manifestHash,
      write: lastWrite,
      writers: readHeldWriters(manifest, database, settings),
      live: manifest.live,
      time: manifest.time,
      checkpoint,
      reader: database.snapshot(),
      tree,
      log,
    },
  };
}

/** A clock that goes on from a time. */
function timeFrom(time: number, elapsedMs: () => number): () => number {
  const from = elapsedMs();
  return () => time + Math.floor(elapsedMs() - from);
}

/** The list of writers that the newest manifest names. @throws StoreError STORE_DAMAGED */
function readHeldWriters({ writers: hash }: Manifest, database: Database, settings: IndexSettings): HeldWriters | null {
  if (hash === undefined) return null;
  try {
    const read = readWriters(findWriters(hash, database), settings.provider);
    if (read.hash === hash) return read;
  } catch (cause) {
    if (!isTributaryError(cause)) throw cause;
  }
  throw damaged(settings, `the list of writers ${hash} is missing or damaged`);
}

function checkFormat(database: Database, directory: string): void {
  const format = database.get(metaKey('format'))?.toString();
  if (format === STORE_FORMAT) return;
  if (format === undefined) throw new StoreError('STORE_DAMAGED', `${directory}: the database is empty; restore a backup`);
  throw new StoreError('STORE_FORMAT', `${directory} has format ${format}; this version reads ${STORE_FORMAT}`);
}

/** Closes what {@link openIndex} opened. */
export async function closeIndex(state: IndexState): Promise<void> {
  state.published.reader.close();
  await state.head.close();
  await state.database.close();
}
