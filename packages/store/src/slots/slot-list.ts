import { growUint32 } from './grow.ts';

/**
 * Slots in no order, with removal in constant time. `positions` has the place of each slot; the last slot fills a gap.
 */
export interface SlotList {
  slots: Uint32Array;
  length: number;
}

/** Position plus one of each slot; 0 when it is in no list. Lists with disjoint slots may share one table. */
export interface SlotPositions {
  table: Uint32Array;
}

export function createSlotList(): SlotList {
  return { slots: new Uint32Array(0), length: 0 };
}

export function createSlotPositions(): SlotPositions {
  return { table: new Uint32Array(0) };
}

/** Adds a slot that is in no list of `positions`. */
export function addSlot(list: SlotList, positions: SlotPositions, slot: number): void {
  list.slots = growUint32(list.slots, list.length);
  positions.table = growUint32(positions.table, slot);
  list.slots[list.length] = slot;
  list.length += 1;
  positions.table[slot] = list.length;
}

/** Removes a slot from the list that holds it. */
export function dropSlot(list: SlotList, positions: SlotPositions, slot: number): void {
  const position = positions.table[slot]!;
  const last = list.slots[list.length - 1]!;
  list.slots[position - 1] = last;
  positions.table[last] = position;
  positions.table[slot] = 0;
  list.length -= 1;
}

export function isListed(positions: SlotPositions, slot: number): boolean {
  return (positions.table[slot] ?? 0) !== 0;
}
