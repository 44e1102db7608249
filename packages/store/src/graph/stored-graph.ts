import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readSealed, renameSynced, syncFile, writeSealed } from '@tributary/runtime';
import { fileSha256 } from '../disk/files.ts';
import { readParts, writeParts } from '../parts/part-file.ts';
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
const nodesPath = (directory: string): string => join(directory, 'graph.nodes');
const factsPath = (directory: string): string => join(directory, 'graph.json');

/** Saves the graph. After a crash either the old file or the new one is used, never a mixture. */
export async function saveGraph(directory: string, sequence: number, engine: GraphUpkeep): Promise<void> {
  if (!engine.hasGraph) return;
  const temporary = `${graphPath(directory)}.new`;
  const nodes = engine.saveNodes();
  const slots = await engine.saveGraph(temporary);
  await syncFile(temporary);
  const facts: GraphFacts = { sha256: await fileSha256(temporary), slots, sequence };
  // First, so that a crash between the next two leaves a graph that is known all the same.
  if (nodes !== null) await writeParts(nodesPath(directory), { facts: facts.sha256, parts: { nodes } });
  await renameSynced(temporary, graphPath(directory));
  await writeSealed(factsPath(directory), { version: 1, value: facts });
}

/**
 * Loads the graph file if it exists and its checksum is right. It may be older than the records: the engine drops nodes
 * that do not hold the present vector of their slot, and inserts what is missing. Returns whether it was loaded.
 */
export async function loadGraph(directory: string, engine: GraphUpkeep): Promise<boolean> {
  const sha256 = await fileSha256(graphPath(directory)).catch(() => null);
  if (sha256 === null) return false;
  const facts = await readFacts(directory);
  const known = await readParts(nodesPath(directory));
  const nodes = known?.facts === sha256 ? known.parts['nodes'] : undefined;
  const isRight = facts?.sha256 === sha256;
  if (nodes !== undefined && engine.loadGraph(graphPath(directory), undefined, nodes)) {
    const slots = nodes.arrays['slots']?.length ?? 0;
    const value: GraphFacts = { sha256, slots, sequence: 0 };
    if (!isRight) await writeSealed(factsPath(directory), { version: 1, value }).catch(() => undefined);
    return true;
  }
  if (isRight) return engine.loadGraph(graphPath(directory), facts.slots);
  // The graph is a cache. One whose checksum nobody knows is built again.
  await rm(factsPath(directory), { force: true }).catch(() => undefined);
  return false;
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
