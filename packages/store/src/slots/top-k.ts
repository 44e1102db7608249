import { growFloat64, growUint32 } from './grow.ts';

/**
 * The best `limit` of the offered slots: larger keys first, equal keys by slot. It is a binary heap with the worst on
 * top, in arrays that are reused from query to query. After {@link sortTopK} slots and keys are in order of rank.
 */
export interface TopK {
  limit: number;
  length: number;
  slots: Uint32Array;
  keys: Float64Array;
}

export function createTopK(): TopK {
  return { limit: 0, length: 0, slots: new Uint32Array(64), keys: new Float64Array(64) };
}

export function resetTopK(top: TopK, limit: number): void {
  top.limit = limit;
  top.length = 0;
}

/** Offers a slot, which must not be offered twice. A key that is NaN counts as the worst of all. */
export function offer(top: TopK, slot: number, offered: number): void {
  const key = offered === offered ? offered : -Infinity;
  if (top.length < top.limit) {
    top.slots = growUint32(top.slots, top.length);
    top.keys = growFloat64(top.keys, top.length);
    top.length += 1;
    siftUp(top, top.length - 1, slot, key);
  } else if (top.limit > 0 && isWorse(top.keys[0]!, top.slots[0]!, key, slot)) {
    siftDown(top, top.length, slot, key);
  }
}

/** The key that an offer must reach once the list is full; -Infinity before that. */
export function worstKey(top: TopK): number {
  return top.length < top.limit || top.length === 0 ? -Infinity : top.keys[0]!;
}

/** Turns the heap into a list, best first. Nothing may be offered afterwards. */
export function sortTopK(top: TopK): void {
  for (let end = top.length - 1; end > 0; end -= 1) {
    const slot = top.slots[end]!;
    const key = top.keys[end]!;
    top.slots[end] = top.slots[0]!;
    top.keys[end] = top.keys[0]!;
    siftDown(top, end, slot, key);
  }
}

function isWorse(key: number, slot: number, otherKey: number, otherSlot: number): boolean {
  return key < otherKey || (key === otherKey && slot > otherSlot);
}

function siftUp(top: TopK, start: number, slot: number, key: number): void {
  const { slots, keys } = top;
  let at = start;
  while (at > 0) {
    const parent = (at - 1) >>> 1;
    if (!isWorse(key, slot, keys[parent]!, slots[parent]!)) break;
    keys[at] = keys[parent]!;
    slots[at] = slots[parent]!;
    at = parent;
  }
  keys[at] = key;
  slots[at] = slot;
}

function siftDown(top: TopK, length: number, slot: number, key: number): void {
  const { slots, keys } = top;
  let at = 0;
  for (let child = 1; child < length; child = 2 * at + 1) {
    if (child + 1 < length && isWorse(keys[child + 1]!, slots[child + 1]!, keys[child]!, slots[child]!)) child += 1;
    if (!isWorse(keys[child]!, slots[child]!, key, slot)) break;
    keys[at] = keys[child]!;
    slots[at] = slots[child]!;
    at = child;
  }
  keys[at] = key;
  slots[at] = slot;
}
