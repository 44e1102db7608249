import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createTree, type MerkleTree } from '@tributary/proof/primitives';
import { createPace } from '../pace.ts';
import type { Part } from '../parts/part.ts';
import { createPartFile, readParts, type PartFile } from '../parts/part-file.ts';
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
  format: 2;
  index: string;
  snapshot: number;
  manifest: string;
}

const FORMAT = 2;
const pathOf = (directory: string): string => join(directory, 'image');

/**
 * Saves the published snapshot. Groups of writes wait until all is read; questions go on.
 *
 * @throws Error of the file system, or when what is in memory is not what is published
 */
export async function saveImage(state: IndexState): Promise<void> {
  const { image } = state;
  const file = await createPartFile(pathOf(state.directory));
  try {
    const saved = await state.publishing.alone(() => writeImage(file, state));
    await file.commit();
    image.snapshot = saved.snapshot;
    image.changes -= saved.changes;
  } catch (error) {
    await file.discard();
    throw error;
  }
}

async function writeImage(file: PartFile, state: IndexState): Promise<{ snapshot: number; changes: number }> {
  const { settings, published, image, tree, log, engine } = state;
  // So it is after a failed write, until the state is opened again from the disk.
  if (state.pending !== null) throw new Error('what is in memory is ahead of the published snapshot');
  const { snapshot, manifestHash } = published;
  const { changes } = image;
  const facts: Facts = { format: FORMAT, index: settings.id, snapshot, manifest: manifestHash };
  const parts = await engine.save(createPace());
  await file.write({ facts, parts: { ...parts, tree: treePart(tree.save()), log: treePart(log.save()) } });
  return { snapshot, changes };
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
