import type { VectorStore } from '../vectors/vector-store.ts';
import { vectorBlock, vectorOffset } from '../vectors/vector-store.ts';

/**
 * Slots with bit-identical vectors share one node. Copies with nodes of their own would link only to each other, and a
 * search that enters a hundred of them would not get out again.
 */
export interface DuplicateVectors {
  /** The slot that owns the node, by hash of the vector. */
  readonly byHash: Map<number, number>;
  /** Hash of each slot in `byHash`. */
  readonly hashes: Map<number, number>;
  /** The other slots of a node, by the slot that owns it. */
  readonly groups: Map<number, Set<number>>;
  /** The slot that owns the node, by each of the other slots. */
  readonly owners: Map<number, number>;
}

export function createDuplicates(): DuplicateVectors {
  return { byHash: new Map(), hashes: new Map(), groups: new Map(), owners: new Map() };
}

/** Lets the slot share the node of a slot with an equal vector. False when there is none. */
export function joinDuplicate(duplicates: DuplicateVectors, store: VectorStore, slot: number): boolean {
  const owner = duplicates.byHash.get(vectorHash(store, slot));
  if (owner === undefined || !isEqual(store, owner, slot)) return false;
  const group = duplicates.groups.get(owner);
  if (group === undefined) duplicates.groups.set(owner, new Set([slot]));
  else group.add(slot);
  duplicates.owners.set(slot, owner);
  return true;
}

/** Registers a slot with a node of its own, which others may share. */
export function addOwner(duplicates: DuplicateVectors, store: VectorStore, slot: number): void {
  const hash = vectorHash(store, slot);
  // Of different vectors with the same hash only the first is shared.
  if (duplicates.byHash.has(hash)) return;
  duplicates.byHash.set(hash, slot);
  duplicates.hashes.set(slot, hash);
}

/** Removes a slot that shares another's node. False when it does not. */
export function leaveDuplicate(duplicates: DuplicateVectors, slot: number): boolean {
  const owner = duplicates.owners.get(slot);
  if (owner === undefined) return false;
  duplicates.owners.delete(slot);
  const group = duplicates.groups.get(owner)!;
  group.delete(slot);
  if (group.size === 0) duplicates.groups.delete(owner);
  return true;
}

/** Removes a slot that owns a node. Returns the slots that shared it; they need another node. */
export function removeOwner(duplicates: DuplicateVectors, slot: number): Iterable<number> {
  const hash = duplicates.hashes.get(slot);
  if (hash !== undefined) duplicates.byHash.delete(hash);
  duplicates.hashes.delete(slot);
  const group = duplicates.groups.get(slot) ?? [];
  duplicates.groups.delete(slot);
  for (const duplicate of group) duplicates.owners.delete(duplicate);
  return group;
}

/** FNV-1a (Fowler, Noll, Vo) over the components' 32-bit words. It only serves to find equal vectors. */
function vectorHash(store: VectorStore, slot: number): number {
  const block = vectorBlock(store, slot);
  const words = new Uint32Array(block.buffer, 4 * vectorOffset(store, slot), store.dimension);
  let hash = 0x811c9dc5;
  for (let at = 0; at < words.length; at += 1) {
    hash = Math.imul(hash ^ words[at]!, 0x01000193);
    // Floats differ mostly in their high bits, which multiplication alone never carries to the low ones.
    hash ^= hash >>> 15;
  }
  return hash;
}

function isEqual(store: VectorStore, a: number, b: number): boolean {
  const blockA = vectorBlock(store, a);
  const blockB = vectorBlock(store, b);
  const fromA = vectorOffset(store, a);
  const fromB = vectorOffset(store, b);
  for (let at = 0; at < store.dimension; at += 1) if (blockA[fromA + at] !== blockB[fromB + at]) return false;
  return true;
}
