import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createTree, type MerkleTree } from '@tributary/proof/primitives';
import type { Part } from '../parts/part.ts';
import { readParts, writeParts } from '../parts/part-file.ts';
import type { EngineParts } from '../search/engine.ts';
import type { IndexState } from '../state.ts';

/** What an index holds in memory, as of one snapshot. */
export interface Image {
  readonly snapshot: number;
  /** Hash of the manifest of that snapshot, hex. */
  readonly manifestHash: string;
  readonly tree: MerkleTree;
  readonly log: MerkleTree;
  readonly engine: EngineParts;
}

interface Facts {
  format: 1;
  index: string;
  snapshot: number;
  manifest: string;
}

const FORMAT = 1;
const pathOf = (directory: string): string => join(directory, 'image');

/**
 * Saves the published snapshot. The copy is made in one turn; it is written while the index goes on.
 *
 * @throws Error of the file system
 */
export async function saveImage(state: IndexState): Promise<void> {
  const { settings, directory, published, image, tree, log } = state;
  const engine = state.engine.save();
  const { snapshot, manifestHash } = published;
  const facts: Facts = { format: FORMAT, index: settings.id, snapshot, manifest: manifestHash };
  // Both may be ahead by a group that is being committed.
  const leaves = tree.save(published.tree.size, state.pending?.leaves);
  const parts = { ...engine, tree: treePart(leaves), log: treePart(log.save(published.log.size)) };
  const { changes } = image;
  await writeParts(pathOf(directory), { facts, parts });
  image.snapshot = snapshot;
  image.changes -= changes;
}

/** Null when there is no image of this index that is as it was written. */
export async function readImage(directory: string, indexId: string): Promise<Image | null> {
  const read = await readParts(pathOf(directory));
  if (read === null) return null;
  const { format, index, snapshot, manifest } = read.facts as Facts;
  const { tree, log, ...engine } = read.parts;
  if (format !== FORMAT || index !== indexId || tree === undefined || log === undefined) return null;
  return { snapshot, manifestHash: manifest, tree: treeFrom(tree), log: treeFrom(log), engine: engine as EngineParts };
}

/** Removes the image, and what a crash left of one. */
export async function dropImage(directory: string): Promise<void> {
  await rm(pathOf(directory), { force: true });
  await rm(`${pathOf(directory)}.new`, { force: true });
}

/** Levels by number, leaves first. */
const treePart = (levels: Uint8Array[]): Part => ({ facts: null, arrays: Object.fromEntries(levels.entries()) });

const treeFrom = ({ arrays }: Part): MerkleTree =>
  createTree(
    Object.entries(arrays)
      .toSorted(([a], [b]) => Number(a) - Number(b))
      .map(([, nodes]) => nodes as Uint8Array),
  );
