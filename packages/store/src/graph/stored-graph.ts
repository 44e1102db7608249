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
 * Loads the graph file if it is as it was written. It may be older than the records: what is missing waits. Returns
 * false for a file that cannot be used.
 */
export async function loadGraph(directory: string, engine: GraphUpkeep): Promise<boolean> {
  return !engine.hasGraph || engine.loadGraph(pathOf(directory));
}

/** Removes a graph file that cannot be used. */
export async function dropGraph(directory: string): Promise<void> {
  await rm(pathOf(directory), { force: true }).catch(() => undefined);
}

/** Why the graph file cannot be used; null when it can. */
export const graphFault = (directory: string): Promise<'absent' | 'damaged' | null> => checkParts(pathOf(directory));
