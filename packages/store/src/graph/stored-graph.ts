import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { checkParts } from '../parts/part-file.ts';
import type { GraphOptions } from '../vectors/types.ts';
import type { Graph } from './graph.ts';
import type { GraphUpkeep } from './hnsw-index.ts';
import { readGraph, type VectorKind } from './state-file.ts';

/** The graph of an index in its folder. It is a cache: one that is not as it was written is built again. */
export const GRAPH_FILE = 'graph';

const pathOf = (directory: string): string => join(directory, GRAPH_FILE);

/** Saves the graph. After a crash either the old file or the new one is used, never a mixture. */
export async function saveGraph(directory: string, engine: GraphUpkeep): Promise<void> {
  if (engine.hasGraph) await engine.saveGraph(pathOf(directory));
}

/** Reads the graph file. It may be older than the records. Null when there is none, or it cannot be used. */
export const readStoredGraph = (directory: string, vectors: VectorKind, options: GraphOptions): Promise<Graph | null> =>
  readGraph(pathOf(directory), vectors, options).catch(() => null);

/** Removes a graph file that cannot be used. */
export async function dropGraph(directory: string): Promise<void> {
  await rm(pathOf(directory), { force: true }).catch(() => undefined);
}

/** Why the graph file cannot be used; null when it can. */
export const graphFault = (directory: string): Promise<'absent' | 'damaged' | null> => checkParts(pathOf(directory));
