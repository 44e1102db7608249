import { arrayOf, type Part } from '../parts/part.ts';
import { createColumn, type Column } from './column.ts';
import type { Places } from './places.ts';

/** The columns of an index, and where the entries of each record are. */
export interface MetadataState {
  readonly columns: Map<string, Column>;
  /** Columns by number. */
  readonly numbered: (Column | undefined)[];
  readonly freeNumbers: number[];
  readonly places: Places;
}

interface Facts {
  columns: { key: string; number: number; length: number; uses: number[]; strings: string[]; freeCodes: number[] }[];
  freeNumbers: number[];
  used: number;
  entries: number;
  free: (number[] | null)[];
}

/** A copy of the whole state. */
export function saveState({ columns, freeNumbers, places }: MetadataState): Part {
  const all = [...columns.values()];
  const facts: Facts = {
    columns: all.map(({ key, number, length, uses, strings, freeCodes }) => ({
      key,
      number,
      length,
      uses: [...uses],
      strings: [...strings],
      freeCodes: [...freeCodes],
    })),
    freeNumbers: [...freeNumbers],
    used: places.used,
    entries: places.entries,
    free: places.free.map((blocks) => [...blocks]),
  };
  const total = all.reduce((sum, { length }) => sum + length, 0);
  const arrays = {
    slots: new Uint32Array(total),
    ordinals: new Uint32Array(total),
    kinds: new Uint8Array(total),
    values: new Float64Array(total),
    placeColumns: places.columns.slice(0, places.used),
    placePositions: places.positions.slice(0, places.used),
    placeStarts: places.starts.slice(),
    placeCounts: places.counts.slice(),
  };
  let at = 0;
  for (const { length, slots, ordinals, kinds, values } of all) {
    arrays.slots.set(slots.subarray(0, length), at);
    arrays.ordinals.set(ordinals.subarray(0, length), at);
    arrays.kinds.set(kinds.subarray(0, length), at);
    arrays.values.set(values.subarray(0, length), at);
    at += length;
  }
  return { facts, arrays };
}

export function loadState(part: Part): MetadataState {
  const { columns: described, freeNumbers, used, entries, free } = part.facts as Facts;
  const words = (name: string): Uint32Array => arrayOf(part, name, Uint32Array);
  const kinds = arrayOf(part, 'kinds', Uint8Array);
  const values = arrayOf(part, 'values', Float64Array);
  const columns = new Map<string, Column>();
  const numbered: (Column | undefined)[] = [];
  let at = 0;
  for (const { key, number, length, uses, strings, freeCodes } of described) {
    const end = at + length;
    const codes = new Map<string, number>();
    strings.forEach((string, code) => uses[code]! > 0 && codes.set(string, code));
    const column: Column = {
      ...createColumn(key, number),
      length,
      slots: words('slots').slice(at, end),
      ordinals: words('ordinals').slice(at, end),
      kinds: kinds.slice(at, end),
      values: values.slice(at, end),
      codes,
      uses,
      strings,
      freeCodes,
    };
    columns.set(key, column);
    numbered[number] = column;
    at = end;
  }
  const places: Places = {
    columns: words('placeColumns'),
    positions: words('placePositions'),
    used,
    starts: words('placeStarts'),
    counts: words('placeCounts'),
    entries,
    free: free.map((blocks) => blocks ?? []),
  };
  return { columns, numbered, freeNumbers, places };
}
