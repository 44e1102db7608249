import { arrayOf, join, split, type Part } from '../parts/part.ts';
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

interface Facts {
  name: string;
  unsold: number;
}

/** Everything it holds. It must not change until that is written. */
export function saveNamespaces({ byName, unsold }: Namespaces): Part {
  const all = [...byName.values()];
  const { numbers, starts } = join(all.map(({ list }) => list.slots.subarray(0, list.length)));
  const facts: Facts[] = all.map(({ name, unsold: count }) => ({ name, unsold: count }));
  return { facts, arrays: { slots: numbers, starts, unsold: unsold.words } };
}

/** @param part what {@link saveNamespaces} gave */
export function loadNamespaces(part: Part): Namespaces {
  const words = (name: string): Uint32Array => arrayOf(part, name, Uint32Array);
  const lists = split({ numbers: words('slots'), starts: words('starts') });
  const unsoldSlots = words('unsold');
  // Filled at once: an array that is filled in any order becomes a slow table.
  const bySlot: (Namespace | undefined)[] = Array.from({ length: unsoldSlots.length * 32 }, () => undefined);
  const loaded: Namespaces = { ...createNamespaces(), bySlot, unsold: { words: unsoldSlots } };
  (part.facts as Facts[]).forEach(({ name, unsold }, at) => {
    const home: Namespace = { name, list: createSlotList(), unsold };
    loaded.byName.set(name, home);
    for (const slot of lists[at]!) {
      addSlot(home.list, loaded.positions, slot);
      loaded.bySlot[slot] = home;
    }
    loaded.records += home.list.length;
  });
  return loaded;
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
