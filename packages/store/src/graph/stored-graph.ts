import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readSealed, renameSynced, syncFile, writeSealed } from '@tributary/runtime';
import { fileSha256 } from '../disk/files.ts';
import type { GraphUpkeep } from './hnsw-index.ts';

/**
 * Facts about a graph file. A graph with a changed byte must not be loaded, because hnswlib would abort the process.
 */
interface GraphFacts {
  sha256: string;
  /** Number of slots that the file covers. */
  slots: number;
  /** Write sequence when the graph was saved, for people who read the file. */
  sequence: number;
}

const graphPath = (directory: string): string => join(directory, 'graph.hnsw');
const factsPath = (directory: string): string => join(directory, 'graph.json');

/** Saves the graph. After a crash either the old file or the new one is used, never a mixture. */
export async function saveGraph(directory: string, sequence: number, engine: GraphUpkeep): Promise<void> {
  if (!engine.hasGraph) return;
  const temporary = `${graphPath(directory)}.new`;
  const slots = await engine.saveGraph(temporary);
  await syncFile(temporary);
  const facts: GraphFacts = { sha256: await fileSha256(temporary), slots, sequence };
  await renameSynced(temporary, graphPath(directory));
  await writeSealed(factsPath(directory), { version: 1, value: facts });
}

/**
 * Loads the graph file if it exists and its checksum is right. It may be older than the records: the engine drops nodes
 * that do not hold the present vector of their slot, and inserts what is missing. Returns whether it was loaded.
 */
export async function loadGraph(directory: string, engine: GraphUpkeep): Promise<boolean> {
  const facts = await readFacts(directory);
  const fault = await graphFault(directory);
  // A crash between the two files leaves a checksum of another graph. The graph is a cache, so the file is deleted and
  // the graph built again.
  if (fault === 'damaged') await rm(factsPath(directory), { force: true });
  if (facts === null || fault !== null) return false;
  return engine.loadGraph(graphPath(directory), facts.slots);
}

/** Why the graph file cannot be used; null when it can. */
export async function graphFault(directory: string): Promise<'absent' | 'damaged' | null> {
  const facts = await readFacts(directory);
  if (facts === null) return 'absent';
  const sha256 = await fileSha256(graphPath(directory)).catch(() => null);
  if (sha256 === null) return 'absent';
  return sha256 === facts.sha256 ? null : 'damaged';
}

async function readFacts(directory: string): Promise<GraphFacts | null> {
  try {
    return ((await readSealed(factsPath(directory)))?.value as GraphFacts | undefined) ?? null;
  } catch {
    return null;
  }
}
