import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { checkParts } from '../parts/part-file.ts';
import type { GraphUpkeep } from './hnsw-index.ts';

/** The graph of an index in its folder. It is a cache: one that is not as it was written is built again. */
export const GRAPH_FILE = 'graph';

const pathOf = (directory: string): string => join(directory, GRAPH_FILE);

/** Saves the graph. After a crash either the old file or the new one is used, never a mixture. */
export async function saveGraph(directory: string, engine: GraphUpkeep): Promise<void> {
  if (engine.hasGraph) await engine.saveGraph(pathOf(directory));
}

/**
 * Loads the graph file if it is as it was written. It may be older than the records: what is missing waits. A file that
 * cannot be used is removed. Returns whether it was loaded.
 */
export async function loadGraph(directory: string, engine: GraphUpkeep): Promise<boolean> {
  if (!engine.hasGraph) return false;
  const isLoaded = await engine.loadGraph(pathOf(directory));
  if (!isLoaded) await rm(pathOf(directory), { force: true }).catch(() => undefined);
  return isLoaded;
}

/** Why the graph file cannot be used; null when it can. */
export const graphFault = (directory: string): Promise<'absent' | 'damaged' | null> => checkParts(pathOf(directory));
