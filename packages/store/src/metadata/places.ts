import { growUint32 } from '../slots/grow.ts';

/**
 * Where the entries of each record are: column and position of each, in the order in which they were added. A record's
 * are side by side, in a block whose size is a power of two.
 */
export interface Places {
  columns: Uint32Array;
  positions: Uint32Array;
  /** Places that are in blocks. */
  used: number;
  /** First place of each slot. */
  starts: Uint32Array;
  /** Number of entries of each slot plus one; 0 for a slot without a record. */
  counts: Uint32Array;
  /** Entries of all records. */
  entries: number;
  /** Free blocks by size. */
  readonly free: number[][];
}

export function createPlaces(): Places {
  return {
    columns: new Uint32Array(0),
    positions: new Uint32Array(0),
    used: 0,
    starts: new Uint32Array(0),
    counts: new Uint32Array(0),
    entries: 0,
    free: [],
  };
}

/** Keeps the places of a slot that has none. */
export function keepPlaces(places: Places, slot: number, columns: readonly number[], positions: readonly number[]): void {
  const count = positions.length;
  const start = count === 0 ? 0 : takeBlock(places, count);
  for (let at = 0; at < count; at += 1) {
    places.columns[start + at] = columns[at]!;
    places.positions[start + at] = positions[at]!;
  }
  places.starts = growUint32(places.starts, slot);
  places.counts = growUint32(places.counts, slot);
  places.starts[slot] = start;
  places.counts[slot] = count + 1;
  places.entries += count;
}

/** Number of entries of a slot; null when it has no record. */
export function placesOf(places: Places, slot: number): number | null {
  const count = places.counts[slot] ?? 0;
  return count === 0 ? null : count - 1;
}

export function dropPlaces(places: Places, slot: number): void {
  const count = placesOf(places, slot) ?? 0;
  if (count > 0) (places.free[sizeOf(count)] ??= []).push(places.starts[slot]!);
  if (slot < places.counts.length) places.counts[slot] = 0;
  places.entries -= count;
}

function takeBlock(places: Places, count: number): number {
  const size = sizeOf(count);
  const free = places.free[size]?.pop();
  if (free !== undefined) return free;
  const start = places.used;
  places.used += 1 << size;
  places.columns = growUint32(places.columns, places.used);
  places.positions = growUint32(places.positions, places.used);
  return start;
}

/** The smallest power of two that holds so many. */
const sizeOf = (count: number): number => 32 - Math.clz32(count - 1);
