import { crc32 } from 'node:zlib';
import { growUint32 } from '../slots/grow.ts';
import { vectorBlock, vectorOffset, type VectorStore } from '../vectors/vector-store.ts';

/**
 * Slots with bit-identical vectors share one node. Copies with nodes of their own would link only to each other, and a
 * search that enters a hundred of them would not get out again.
 */
export interface DuplicateVectors {
  /**
   * The slots that own a node, each plus one, by hash of the vector: an open hash table whose length is a power of two;
   * 0 is empty. At most one slot for each hash.
   */
  table: Uint32Array;
  /** Slots in the table. */
  size: number;
  /** Hash of each slot in the table. */
  hashes: Uint32Array;
  /** The other slots of a node, by the slot that owns it. */
  readonly groups: Map<number, Set<number>>;
  /** The slot that owns the node, by each of the other slots. */
  readonly owners: Map<number, number>;
}

const FIRST_TABLE = 64;

export function createDuplicates(): DuplicateVectors {
  return {
    table: new Uint32Array(FIRST_TABLE),
    size: 0,
    hashes: new Uint32Array(0),
    groups: new Map(),
    owners: new Map(),
  };
}

/** Lets the slot share the node of a slot with an equal vector. False when there is none. */
export function joinDuplicate(duplicates: DuplicateVectors, store: VectorStore, slot: number): boolean {
  const owner = duplicates.table[placeOf(duplicates, vectorChecksum(store, slot))]! - 1;
  if (owner < 0 || !isEqual(store, owner, slot)) return false;
  const group = duplicates.groups.get(owner);
  if (group === undefined) duplicates.groups.set(owner, new Set([slot]));
  else group.add(slot);
  duplicates.owners.set(slot, owner);
  return true;
}

/** Registers a slot with a node of its own, which others may share. */
export function addOwner(duplicates: DuplicateVectors, store: VectorStore, slot: number): void {
  const hash = vectorChecksum(store, slot);
  // Of different vectors with the same hash only the first is shared.
  if (duplicates.table[placeOf(duplicates, hash)] !== 0) return;
  duplicates.hashes = growUint32(duplicates.hashes, slot);
  duplicates.hashes[slot] = hash;
  duplicates.size += 1;
  if (duplicates.size * 2 > duplicates.table.length) enlarge(duplicates);
  duplicates.table[placeOf(duplicates, hash)] = slot + 1;
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
  const hash = duplicates.hashes[slot];
  if (hash !== undefined) {
    const place = placeOf(duplicates, hash);
    if (duplicates.table[place] === slot + 1) vacate(duplicates, place);
  }
  const group = duplicates.groups.get(slot) ?? [];
  duplicates.groups.delete(slot);
  for (const duplicate of group) duplicates.owners.delete(duplicate);
  return group;
}

/** The place of a hash in the table, or the empty place where it belongs. */
function placeOf({ table, hashes }: DuplicateVectors, hash: number): number {
  const mask = table.length - 1;
  let at = hash & mask;
  while (table[at] !== 0 && hashes[table[at]! - 1] !== hash) at = (at + 1) & mask;
  return at;
}

/** Empties a place. Entries behind it that could not have their own place move up (Knuth, vol. 3, 6.4, algorithm R). */
function vacate(duplicates: DuplicateVectors, place: number): void {
  const { table, hashes } = duplicates;
  const mask = table.length - 1;
  let hole = place;
  for (let at = (hole + 1) & mask; table[at] !== 0; at = (at + 1) & mask) {
    const from = hashes[table[at]! - 1]! & mask;
    if (((at - from) & mask) < ((at - hole) & mask)) continue;
    table[hole] = table[at]!;
    hole = at;
  }
  table[hole] = 0;
  duplicates.size -= 1;
}

function enlarge(duplicates: DuplicateVectors): void {
  const slots = duplicates.table.filter((slot) => slot !== 0);
  duplicates.table = new Uint32Array(duplicates.table.length * 2);
  for (const slot of slots) duplicates.table[placeOf(duplicates, duplicates.hashes[slot - 1]!)] = slot;
}

/** CRC-32 of the vector of a live slot. */
export function vectorChecksum(store: VectorStore, slot: number): number {
  if (store.kept !== null) return store.kept.checksums[slot]!;
  const { buffer, byteOffset } = vectorBlock(store, slot);
  return crc32(new Uint8Array(buffer, byteOffset + 4 * vectorOffset(store, slot), 4 * store.dimension));
}

function isEqual(store: VectorStore, a: number, b: number): boolean {
  const blockA = vectorBlock(store, a);
  const blockB = vectorBlock(store, b);
  const fromA = vectorOffset(store, a);
  const fromB = vectorOffset(store, b);
  for (let at = 0; at < store.dimension; at += 1) if (blockA[fromA + at] !== blockB[fromB + at]) return false;
  return true;
}
