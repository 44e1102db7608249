import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { renameSynced } from '@tributary/runtime';
import { indexName } from '@tributary/schemas';
import { StoreError } from './errors.ts';
import { createHandle, systemRandomBytes } from './index-handle.ts';
import { openParser } from './ingest/parse/parse.ts';
import type { DocumentParser } from './ingest/parse/parse.ts';
import { indexesMax, openAtOnceMax, parserIdleMs } from './limits.ts';
import { newSettings, readSettings } from './disk/settings.ts';
import { placeGraph } from './open/place-graph.ts';
import type { Index, IndexSettings, Store, StoreOptions } from './types.ts';
import { checkEngineUrl } from './remote/engine-url.ts';
import { openProxy, type IndexProxy } from './worker/proxy.ts';

type Opened = { index: Index; error: null } | { index: null; error: Error };

/** A folder with such a name is an index that is being created or removed. */
const UNFINISHED = /^\.(?:creating|removing)-/;

/**
 * Opens the indexes below `directory`, each with its own worker. An index that cannot be opened does not affect the
 * others: {@link Store.failed} lists it, and `index` throws the reason.
 *
 * @throws StoreError DISK_WRITE when the folder cannot be created, INDEX_NOT_FOUND when the graph of another is to
 *   move, ENGINE_REFUSED when `engineUrl` is no address
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  if (options.engineUrl !== undefined) checkEngineUrl(options.engineUrl);
  const folder = join(options.directory, 'indexes');
  const now = options.now ?? Date.now;
  const indexes = new Map<string, Opened>();
  let closed = false;

  const parser = openParser({ idleMs: parserIdleMs });
  const opener = createOpener(options, folder, now, parser);
  const find = (nameOrId: string): { name: string; opened: Opened } => {
    if (closed) throw new StoreError('STORE_CLOSED', 'the store is closed');
    const [name = ''] = nameOrId.split('@');
    const opened = indexes.get(name);
    if (opened === undefined || (nameOrId !== name && opened.index !== null && opened.index.info().id !== nameOrId)) {
      throw new StoreError(
        'INDEX_NOT_FOUND',
        `there is no index ${nameOrId}; there are: ${[...indexes.keys()].join(', ') || 'none'}`,
      );
    }
    return { name, opened };
  };

  const names = await findIndexes(folder, opener.expected(), options.parts?.readOnly ?? false);
  refuseMissing(Object.keys(options.graphs ?? {}), names);
  for (let at = 0; at < names.length; at += openAtOnceMax) {
    const some = names.slice(at, at + openAtOnceMax);
    const opened = await Promise.all(some.map((name) => opener.openNamed(name)));
    some.forEach((name, place) => indexes.set(name, opened[place]!));
  }

  return {
    indexes: () => [...indexes.values()].flatMap(({ index }) => (index === null ? [] : [index.info()])),
    failed: () => [...indexes].flatMap(([name, { error }]) => (error === null ? [] : [{ name, error }])),
    async createIndex(index) {
      if (closed) throw new StoreError('STORE_CLOSED', 'the store is closed');
      const graphOn = options.engineUrl === undefined || index.dimension === 0 ? null : ('pgvector' as const);
      const settings = newSettings({ graphOn, ...index }, options.owner.seed, now());
      if (indexes.has(settings.name)) throw new StoreError('INDEX_EXISTS', `there is an index ${settings.name} already`);
      if (indexes.size >= indexesMax)
        throw new StoreError('STORE_FULL', `a store holds at most ${indexesMax} indexes; delete one, or use namespaces`);
      // The name is reserved before the first await, so that two calls cannot create the same index.
      indexes.set(settings.name, { index: null, error: new StoreError('STORE_BUSY', `index ${settings.name} is being created`) });
      try {
        const made = await opener.open(settings, true);
        if (closed) {
          await made.close();
          throw new StoreError('STORE_CLOSED', 'the store was closed while the index was created');
        }
        indexes.set(settings.name, { index: made, error: null });
        return made;
      } catch (error) {
        indexes.delete(settings.name);
        throw error;
      }
    },
    index(nameOrId) {
      const { opened } = find(nameOrId);
      if (opened.index === null) throw opened.error;
      return opened.index;
    },
    find(nameOrId) {
      const name = nameOrId.split('@', 1)[0]!;
      const index = indexes.get(name)?.index ?? null;
      return nameOrId === name || index?.info().id === nameOrId ? index : null;
    },
    removeIndex: (nameOrId) => removeIndex(find(nameOrId), { folder, indexes, opener }),
    async close() {
      if (closed) return;
      closed = true;
      await parser.close();
      await Promise.all([...indexes.values()].flatMap(({ index }) => (index === null ? [] : [index.close()])));
    },
  };
}

/** @throws StoreError INDEX_NOT_FOUND when an index whose graph is to move is not there */
function refuseMissing(moved: readonly string[], names: readonly string[]): void {
  const missing = moved.find((name) => !names.includes(name));
  if (missing !== undefined)
    throw new StoreError('INDEX_NOT_FOUND', `the graph of index ${missing} cannot be moved: there is no such index`);
}

async function removeIndex(
  { name, opened }: { name: string; opened: Opened },
  { folder, indexes, opener }: { folder: string; indexes: Map<string, Opened>; opener: Opener },
): Promise<void> {
  if (opened.index?.info().protected === true)
    throw new StoreError('INDEX_PROTECTED', `index ${name} is protected from deletion; remove the protection first`);
  if (opened.index?.busy() === true)
    throw new StoreError('STORE_BUSY', `an ingest into index ${name} is running; wait for it, or stop it`);
  indexes.set(name, { index: null, error: new StoreError('STORE_BUSY', `index ${name} is being removed`) });
  // A disk that refuses what is saved at the end must not keep the index from being removed.
  await opened.index?.close(true).catch(() => undefined);
  try {
    await opener.forget(name);
    await removeFolder(folder, name);
  } catch (error) {
    // The index may still exist, so it stays in service.
    indexes.set(name, await opener.openNamed(name));
    throw error;
  }
  indexes.delete(name);
}

/**
 * Renames an index for removal, which a crash leaves done or undone, then deletes its files. What is left of them is
 * deleted at the next opening.
 *
 * @throws StoreError DISK_WRITE when the folder could not be renamed
 */
async function removeFolder(folder: string, name: string): Promise<void> {
  const removing = join(folder, `.removing-${name}`);
  try {
    await rm(removing, { recursive: true, force: true });
    await renameSynced(join(folder, name), removing);
  } catch (cause) {
    throw new StoreError('DISK_WRITE', `index ${name} could not be removed from ${folder}; nothing was changed`, { cause });
  }
  await rm(removing, { recursive: true, force: true }).catch(() => undefined);
}

/** What the data folder notes of an index (docs/spec/data-folder.md), below the folder of the store. */
const partsOf = (name: string): string[] => [`indexes/${name}/index.json`, `indexes/${name}/db`];

/** How the store opens its indexes. */
interface Opener {
  /** Names of the indexes that must be there. */
  expected(): string[];
  /** To be called before an index is removed. */
  forget(name: string): Promise<void>;
  open(settings: IndexSettings, isNew: boolean): Promise<Index>;
  openNamed(name: string): Promise<Opened>;
}

function createOpener(
  { owner, embedder, parts, engineUrl, graphs = {}, randomBytes = systemRandomBytes }: StoreOptions,
  folder: string,
  now: () => number,
  parser: DocumentParser,
): Opener {
  /** An index that cannot be noted is not made. */
  const noteNew = async (name: string, proxy: IndexProxy): Promise<void> => {
    try {
      for (const part of partsOf(name)) await parts?.expect(part);
      await parts?.note(...partsOf(name));
    } catch (error) {
      await proxy.close();
      await removeFolder(folder, name);
      throw error;
    }
  };
  const open = async (settings: IndexSettings, isNew: boolean): Promise<Index> => {
    const directory = join(folder, settings.name);
    const create = isNew ? { making: join(folder, `.creating-${settings.name}`), time: now() } : null;
    const proxy = await openProxy({ directory, settings, seed: owner.seed, engineUrl: engineUrl ?? null, create });
    if (isNew) await noteNew(settings.name, proxy);
    return createHandle({ directory, settings, proxy, embedder: embedder ?? null, parser, now, randomBytes });
  };
  return {
    open,
    expected: () => [...new Set((parts?.expected() ?? []).map((part) => part.split('/')[1] ?? ''))],
    async forget(name) {
      await parts?.forget(...partsOf(name));
    },
    async openNamed(name) {
      try {
        for (const part of partsOf(name)) await parts?.expect(part);
        const settings = await readSettings(join(folder, name));
        const place = Object.hasOwn(graphs, name) ? graphs[name]! : null;
        const moved = place === null ? settings : await placeGraph(join(folder, name), settings, place, engineUrl ?? null);
        return { index: await open(moved, false), error: null };
      } catch (error) {
        return { index: null, error: error instanceof Error ? error : new Error(String(error)) };
      }
    },
  };
}

/**
 * Names of the indexes in a folder, which is created if it does not exist, and of those that should be there.
 * Half-created or half-removed indexes from a crash are deleted, where anything can be.
 */
async function findIndexes(folder: string, expected: readonly string[], readOnly: boolean): Promise<string[]> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const entries = await readdir(folder, { withFileTypes: true });
    for (const { name } of readOnly ? [] : entries.filter((entry) => UNFINISHED.test(entry.name))) {
      await rm(join(folder, name), { recursive: true, force: true });
    }
    const found = entries.filter((entry) => entry.isDirectory() && indexName.safeParse(entry.name).success);
    return [...new Set([...found.map(({ name }) => name), ...expected])];
  } catch (cause) {
    throw new StoreError('DISK_WRITE', `${folder} cannot be made or read; check its permissions`, { cause });
  }
}
