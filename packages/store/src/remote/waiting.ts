import { addSlot, createSlotList, createSlotPositions, dropSlot, isListed } from '../slots/slot-list.ts';

/** The slots whose present state an engine does not have yet. */
export interface Waiting {
  /** Those on their way included. */
  count(): number;
  has(slot: number): boolean;
  add(slot: number): void;
  /** All of them, those on their way included. */
  list(): Uint32Array;
  /** At most `most` slots, which are on their way from now on. */
  take(most: number): Uint32Array;
  /** Those on their way have arrived. One that was added again meanwhile still waits. */
  arrived(): void;
  /** Those on their way wait again. */
  lost(): void;
  clear(): void;
}

export function createWaiting(): Waiting {
  let list = createSlotList();
  let positions = createSlotPositions();
  let sent = new Set<number>();
  const add = (slot: number): void => {
    if (!isListed(positions, slot)) addSlot(list, positions, slot);
  };
  const lost = (): void => {
    for (const slot of sent) add(slot);
    sent = new Set();
  };
  return {
    count: () => list.length + sent.size,
    has: (slot) => isListed(positions, slot) || sent.has(slot),
    add,
    list: () => Uint32Array.from(new Set([...list.slots.subarray(0, list.length), ...sent])),
    take(most) {
      lost();
      const taken = list.slots.slice(Math.max(0, list.length - most), list.length);
      for (const slot of taken) dropSlot(list, positions, slot);
      sent = new Set(taken);
      return taken;
    },
    arrived: () => sent.clear(),
    lost,
    clear() {
      list = createSlotList();
      positions = createSlotPositions();
      sent.clear();
    },
  };
}
