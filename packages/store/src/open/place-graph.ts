import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openDatabase } from '../disk/database.ts';
import { writeSettings } from '../disk/settings.ts';
import { StoreError } from '../errors.ts';
import { GRAPH_FILE } from '../graph/stored-graph.ts';
import { engineDimensionMax } from '../limits.ts';
import { openRemote } from '../remote/open-remote.ts';
import type { GraphPlace, IndexSettings } from '../types.ts';

/**
 * Moves the graph of an index that nobody has open. What its old place has of it is removed; the new one is filled
 * after the index is opened.
 *
 * @param url address of the engine. Without one, an index that leaves its engine leaves its rows there.
 * @returns the settings from now on
 * @throws StoreError ENGINE_UNREACHABLE, ENGINE_REFUSED, STORE_LOCKED, STORE_DAMAGED, DISK_WRITE; TributaryError
 *   DISK_WRITE. The index stays where it was.
 */
export async function placeGraph(
  directory: string,
  settings: IndexSettings,
  place: GraphPlace,
  url: string | null,
): Promise<IndexSettings> {
  const next: IndexSettings = { ...settings, graphOn: place === 'engine' ? 'pgvector' : null };
  if (next.graphOn === settings.graphOn) return settings;
  if (place === 'engine') refuseMove(settings, url);
  // Its lock keeps out a process that has the index open.
  const database = await openDatabase(join(directory, 'db'), { create: false });
  try {
    if (place === 'here' && url !== null) await forgetRows(settings, url);
    // First, because an index here that lacks its file makes the graph again.
    await removeGraph(directory, settings.name);
    await writeSettings(directory, next);
  } finally {
    await database.close();
  }
  return next;
}

async function removeGraph(directory: string, name: string): Promise<void> {
  try {
    await rm(join(directory, GRAPH_FILE), { force: true });
  } catch (cause) {
    throw new StoreError('DISK_WRITE', `the graph of index ${name} could not be removed; nothing was changed`, { cause });
  }
}

function refuseMove({ name, dimension }: IndexSettings, url: string | null): void {
  if (url === null)
    throw new StoreError(
      'ENGINE_UNREACHABLE',
      `the graph of index ${name} cannot move to an engine whose address was not given; start with --engine, or set TRIBUTARY_ENGINE_URL`,
    );
  if (dimension === 0 || dimension > engineDimensionMax)
    throw new StoreError(
      'ENGINE_REFUSED',
      `the graph of index ${name} stays here: an engine takes dense vectors of 1 to ${engineDimensionMax} components, and these have ${dimension}`,
    );
}

async function forgetRows(settings: IndexSettings, url: string): Promise<void> {
  const { engine } = (await openRemote(settings, url))!;
  try {
    await engine.open();
    await engine.forget();
  } finally {
    await engine.close();
  }
}
