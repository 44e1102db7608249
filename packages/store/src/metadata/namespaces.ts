import { clearBit, createBitmap, growBitmap, hasBit, setBit, type Bitmap } from '../slots/bitmap.ts';
import { addSlot, createSlotList, createSlotPositions, dropSlot, type SlotList, type SlotPositions } from '../slots/slot-list.ts';

/** One namespace: its live slots and how many of them are not for sale. */
export interface Namespace {
  readonly name: string;
  readonly list: SlotList;
  unsold: number;
}

/** Which namespace each live slot is in, and which slots are not for sale. */
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

/** Puts a slot that is in no namespace into one. */
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

/** Takes a slot out of its namespace; an empty namespace is forgotten. */
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
