import type { MetadataValue } from '@tributary/schemas';
import { setBit, type Bitmap } from '../neighbors/bitmap.ts';
import { growFloat64, growUint32, growUint8 } from '../neighbors/grow.ts';

/**
 * The values of one metadata key: an entry for each record that has it, in no order. Strings are numbered, so a scan compares numbers
 * only; a key that few records have costs little.
 */
export interface Column {
  readonly key: string;
  length: number;
  slots: Uint32Array;
  kinds: Uint8Array;
  /** A number itself, the code of a string, 0 or 1 of a boolean; unused for lists. */
  values: Float64Array;
  /** Codes of the members of each list, by slot. */
  readonly lists: Map<number, Uint32Array>;
  readonly codes: Map<string, number>;
  /** How many entries and list members use each code, and the string it stands for. */
  readonly uses: number[];
  readonly strings: string[];
  readonly freeCodes: number[];
}

const NUMBER = 1;
const STRING = 2;
const BOOLEAN = 3;
const LIST = 4;

export function createColumn(key: string): Column {
  return {
    key,
    length: 0,
    slots: new Uint32Array(0),
    kinds: new Uint8Array(0),
    values: new Float64Array(0),
    lists: new Map(),
    codes: new Map(),
    uses: [],
    strings: [],
    freeCodes: [],
  };
}

/** Adds a slot's value; returns the position of its entry. */
export function addEntry(column: Column, slot: number, value: MetadataValue): number {
  const at = column.length;
  column.slots = growUint32(column.slots, at);
  column.kinds = growUint8(column.kinds, at);
  column.values = growFloat64(column.values, at);
  column.slots[at] = slot;
  column.values[at] = 0;
  if (typeof value === 'number') {
    column.kinds[at] = NUMBER;
    column.values[at] = value;
  } else if (typeof value === 'string') {
    column.kinds[at] = STRING;
    column.values[at] = useCode(column, value);
  } else if (typeof value === 'boolean') {
    column.kinds[at] = BOOLEAN;
    column.values[at] = Number(value);
  } else {
    column.kinds[at] = LIST;
    column.lists.set(
      slot,
      Uint32Array.from(value, (member) => useCode(column, member)),
    );
  }
  column.length += 1;
  return at;
}

/** Removes the entry at a position; the last entry takes its place. Returns that one's slot, or -1 when none moved. */
export function removeEntry(column: Column, at: number): number {
  const slot = column.slots[at]!;
  if (column.kinds[at] === STRING) releaseCode(column, column.values[at]!);
  if (column.kinds[at] === LIST) {
    for (const code of column.lists.get(slot) ?? []) releaseCode(column, code);
    column.lists.delete(slot);
  }
  column.length -= 1;
  const last = column.length;
  if (at === last) return -1;
  column.slots[at] = column.slots[last]!;
  column.kinds[at] = column.kinds[last]!;
  column.values[at] = column.values[last]!;
  return column.slots[at]!;
}

/** Sets the bits of records whose value, or a member of whose list, is one of `wanted`. */
export function markEqual(column: Column, wanted: readonly (string | number | boolean)[], into: Bitmap): void {
  const numbers = new Set(wanted.filter((value) => typeof value === 'number'));
  const flags = new Set(wanted.filter((value) => typeof value === 'boolean').map(Number));
  const codes = new Set<number>();
  for (const value of wanted) {
    const code = typeof value === 'string' ? column.codes.get(value) : undefined;
    if (code !== undefined) codes.add(code);
  }
  markIn(column, NUMBER, numbers, into);
  markIn(column, BOOLEAN, flags, into);
  markIn(column, STRING, codes, into);
  if (codes.size === 0) return;
  for (const [slot, members] of column.lists) if (members.some((code) => codes.has(code))) setBit(into, slot);
}

/** Sets the bits of records whose value is a number from `low` to `high`; the ends count only when `closed`. */
export function markRange(column: Column, low: number, high: number, closed: boolean, into: Bitmap): void {
  const { slots, kinds, values, length } = column;
  for (let at = 0; at < length; at += 1) {
    if (kinds[at] !== NUMBER) continue;
    const value = values[at]!;
    if (closed ? value >= low && value <= high : value > low && value < high) setBit(into, slots[at]!);
  }
}

/** Sets the bits of all records that have the key. */
export function markPresent(column: Column, into: Bitmap): void {
  for (let at = 0; at < column.length; at += 1) setBit(into, column.slots[at]!);
}

export function columnBytes(column: Column): number {
  // Maps and lists by a rough price for each of their entries.
  return column.slots.length * 13 + column.lists.size * 150 + column.codes.size * 120;
}

function markIn(column: Column, kind: number, wanted: ReadonlySet<number>, into: Bitmap): void {
  const { slots, kinds, values, length } = column;
  if (wanted.size === 1) {
    const [only] = wanted;
    for (let at = 0; at < length; at += 1) if (values[at] === only && kinds[at] === kind) setBit(into, slots[at]!);
  } else if (wanted.size > 1) {
    for (let at = 0; at < length; at += 1) if (kinds[at] === kind && wanted.has(values[at]!)) setBit(into, slots[at]!);
  }
}

function useCode(column: Column, value: string): number {
  const known = column.codes.get(value);
  const code = known ?? column.freeCodes.pop() ?? column.strings.length;
  if (known === undefined) {
    column.codes.set(value, code);
    column.strings[code] = value;
    column.uses[code] = 0;
  }
  column.uses[code]! += 1;
  return code;
}

function releaseCode(column: Column, code: number): void {
  column.uses[code]! -= 1;
  if (column.uses[code]! > 0) return;
  column.codes.delete(column.strings[code]!);
  column.strings[code] = '';
  column.freeCodes.push(code);
}
