import type { VectorStore } from '../vectors/vector-store.ts';
import { vectorBlock, vectorOffset } from '../vectors/vector-store.ts';

/**
 * Slots whose vectors are equal to the last bit share one node. Copies as nodes of their own would link to nothing but
 * each other, and a walk that enters a hundred of them does not get out again.
 */
export interface DuplicateVectors {
  /** Slot that has the node for each hash of a vector. */
  readonly byHash: Map<number, number>;
  /** Hash of each slot in `byHash`. */
  readonly hashes: Map<number, number>;
  /** Other slots of a node, by the slot that has it. */
  readonly groups: Map<number, Set<number>>;
  /** Slot that has the node, by each of the others. */
  readonly owners: Map<number, number>;
}

export function createDuplicates(): DuplicateVectors {
  return { byHash: new Map(), hashes: new Map(), groups: new Map(), owners: new Map() };
}

/** Lets the slot share the node of a slot with an equal vector; false when there is none. */
export function joinDuplicate(duplicates: DuplicateVectors, store: VectorStore, slot: number): boolean {
  const owner = duplicates.byHash.get(vectorHash(store, slot));
  if (owner === undefined || !isEqual(store, owner, slot)) return false;
  const group = duplicates.groups.get(owner);
  if (group === undefined) duplicates.groups.set(owner, new Set([slot]));
  else group.add(slot);
  duplicates.owners.set(slot, owner);
  return true;
}

/** The slot has a node of its own, which others may share. */
export function addOwner(duplicates: DuplicateVectors, store: VectorStore, slot: number): void {
  const hash = vectorHash(store, slot);
  // Of different vectors with one hash only the first is shared.
  if (duplicates.byHash.has(hash)) return;
  duplicates.byHash.set(hash, slot);
  duplicates.hashes.set(slot, hash);
}

/** Takes a slot out that shares another's node; false when it does not. */
export function leaveDuplicate(duplicates: DuplicateVectors, slot: number): boolean {
  const owner = duplicates.owners.get(slot);
  if (owner === undefined) return false;
  duplicates.owners.delete(slot);
  const group = duplicates.groups.get(owner)!;
  group.delete(slot);
  if (group.size === 0) duplicates.groups.delete(owner);
  return true;
}

/** Takes a slot out that had a node; the slots that shared it are returned and need another. */
export function removeOwner(duplicates: DuplicateVectors, slot: number): Iterable<number> {
  const hash = duplicates.hashes.get(slot);
  if (hash !== undefined) duplicates.byHash.delete(hash);
  duplicates.hashes.delete(slot);
  const group = duplicates.groups.get(slot) ?? [];
  duplicates.groups.delete(slot);
  for (const duplicate of group) duplicates.owners.delete(duplicate);
  return group;
}

/** FNV-1a over the components' 32-bit words (Fowler, Noll, Vo), which serves to find equals only. */
function vectorHash(store: VectorStore, slot: number): number {
  const block = vectorBlock(store, slot);
  const words = new Uint32Array(block.buffer, 4 * vectorOffset(store, slot), store.dimension);
  let hash = 0x811c9dc5;
  for (let at = 0; at < words.length; at += 1) {
    hash = Math.imul(hash ^ words[at]!, 0x01000193);
    // Floats differ in their high bits, which a product alone never carries down.
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
