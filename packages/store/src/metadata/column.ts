import type { MetadataValue } from '@tributary/schemas';
import { setBit, type Bitmap } from '../slots/bitmap.ts';
import { growFloat64, growUint32, growUint8 } from '../slots/grow.ts';

/**
 * The values of one metadata key, in no order: an entry per record that has the key, and one per member of a list.
 * Strings are numbered, so that a scan compares numbers only. A key that few records have costs little.
 */
export interface Column {
  readonly key: string;
  /** Its number among the columns of the index. */
  readonly number: number;
  length: number;
  slots: Uint32Array;
  /** Ordinal of each entry among all entries of its record. */
  ordinals: Uint32Array;
  kinds: Uint8Array;
  /**
   * A number itself, the code of a string, or 0 or 1 for a boolean. Unused for a list, whose members have entries of
   * their own.
   */
  values: Float64Array;
  readonly codes: Map<string, number>;
  /** Number of entries per code, and its string. */
  readonly uses: number[];
  readonly strings: string[];
  readonly freeCodes: number[];
}

const NUMBER = 1;
const STRING = 2;
const BOOLEAN = 3;
const LIST = 4;

export function createColumn(key: string, number: number): Column {
  return {
    key,
    number,
    length: 0,
    slots: new Uint32Array(0),
    ordinals: new Uint32Array(0),
    kinds: new Uint8Array(0),
    values: new Float64Array(0),
    codes: new Map(),
    uses: [],
    strings: [],
    freeCodes: [],
  };
}

/** Adds a record's value. The positions of its entries are appended to `positions`. */
export function addValue(column: Column, slot: number, value: MetadataValue, positions: number[]): void {
  if (typeof value === 'number') addEntry(column, slot, NUMBER, value, positions);
  else if (typeof value === 'boolean') addEntry(column, slot, BOOLEAN, Number(value), positions);
  else if (typeof value === 'string') addEntry(column, slot, STRING, useCode(column, value), positions);
  else {
    addEntry(column, slot, LIST, 0, positions);
    for (const member of value) addEntry(column, slot, STRING, useCode(column, member), positions);
  }
}

/** The value whose entries are at these positions, in the order of {@link addValue}. */
export function valueFrom(column: Column, positions: Uint32Array): MetadataValue {
  const { kinds, values, strings } = column;
  const [first = 0] = positions;
  const value = values[first]!;
  switch (kinds[first]) {
    case NUMBER:
      return value;
    case BOOLEAN:
      return value === 1;
    case STRING:
      return strings[value]!;
    default:
      return Array.from(positions.subarray(1), (at) => strings[values[at]!]!);
  }
}

/** Removes the entry at a position. The last entry takes its place, and `moved` is called with its new position. */
export function removeEntry(column: Column, at: number, moved: (slot: number, ordinal: number, position: number) => void): void {
  if (column.kinds[at] === STRING) releaseCode(column, column.values[at]!);
  column.length -= 1;
  const last = column.length;
  if (at === last) return;
  column.slots[at] = column.slots[last]!;
  column.ordinals[at] = column.ordinals[last]!;
  column.kinds[at] = column.kinds[last]!;
  column.values[at] = column.values[last]!;
  moved(column.slots[at]!, column.ordinals[at]!, at);
}

/** Sets the bits of records whose value, or a member of whose list, is in `wanted`. */
export function markEqual(column: Column, wanted: readonly (string | number | boolean)[], into: Bitmap): void {
  const numbers = new Set<number>();
  const flags = new Set<number>();
  const codes = new Set<number>();
  for (const value of wanted) {
    if (typeof value === 'number') numbers.add(value);
    else if (typeof value === 'boolean') flags.add(Number(value));
    else {
      const code = column.codes.get(value);
      if (code !== undefined) codes.add(code);
    }
  }
  markIn(column, NUMBER, numbers, into);
  markIn(column, BOOLEAN, flags, into);
  markIn(column, STRING, codes, into);
}

/** Sets the bits of records whose value is a number from `low` to `high`. The ends count only if `closed`. */
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
  // The size of the map is estimated per entry.
  return column.slots.length * 17 + column.codes.size * 120;
}

function addEntry(column: Column, slot: number, kind: number, value: number, positions: number[]): void {
  const at = column.length;
  column.slots = growUint32(column.slots, at);
  column.ordinals = growUint32(column.ordinals, at);
  column.kinds = growUint8(column.kinds, at);
  column.values = growFloat64(column.values, at);
  column.slots[at] = slot;
  column.ordinals[at] = positions.length;
  column.kinds[at] = kind;
  column.values[at] = value;
  column.length = at + 1;
  positions.push(at);
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
