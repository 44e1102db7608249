import { clearBit, createBitmap, growBitmap, hasBit, setBit, type Bitmap } from '../slots/bitmap.ts';
import { addSlot, createSlotList, createSlotPositions, dropSlot, type SlotList, type SlotPositions } from '../slots/slot-list.ts';

/** One namespace: its live slots, and how many of them are not for sale. */
export interface Namespace {
  readonly name: string;
  readonly list: SlotList;
  unsold: number;
}

/** The namespace of each live slot, and the slots that are not for sale. */
export interface Namespaces {
  readonly byName: Map<string, Namespace>;
  readonly bySlot: (Namespace | undefined)[];
  readonly positions: SlotPositions;
  /** Slots marked `sell: never`. */
  readonly unsold: Bitmap;
  records: number;
}

export function createNamespaces(): Namespaces {
  return { byName: new Map(), bySlot: [], positions: createSlotPositions(), unsold: createBitmap(), records: 0 };
}

/** Adds a slot, which is in no namespace, to one. */
export function enter(namespaces: Namespaces, slot: number, name: string, isSold: boolean): void {
  let home = namespaces.byName.get(name);
  if (home === undefined) namespaces.byName.set(name, (home = { name, list: createSlotList(), unsold: 0 }));
  addSlot(home.list, namespaces.positions, slot);
  namespaces.bySlot[slot] = home;
  namespaces.records += 1;
  growBitmap(namespaces.unsold, slot + 1);
  if (isSold) return;
  setBit(namespaces.unsold, slot);
  home.unsold += 1;
}

/** Removes a slot from its namespace. An empty namespace is dropped. */
export function leave(namespaces: Namespaces, slot: number): void {
  const home = namespaces.bySlot[slot];
  if (home === undefined) return;
  dropSlot(home.list, namespaces.positions, slot);
  if (hasBit(namespaces.unsold, slot)) home.unsold -= 1;
  clearBit(namespaces.unsold, slot);
  namespaces.bySlot[slot] = undefined;
  namespaces.records -= 1;
  if (home.list.length === 0) namespaces.byName.delete(home.name);
}
