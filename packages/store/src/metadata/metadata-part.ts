import type { Pace } from '../pace.ts';
import { arrayOf, join, joinTexts, split, splitTexts, type NumberArray, type Part } from '../parts/part.ts';
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
  columns: { key: string; number: number }[];
  used: number;
  entries: number;
}

/** Everything it holds. */
export async function saveState({ columns, freeNumbers, places }: MetadataState, pace: Pace): Promise<Part> {
  const all = [...columns.values()];
  const free = join(places.free.map((blocks) => blocks ?? []));
  const arrays: Record<string, NumberArray> = {
    freeNumbers: Uint32Array.from(freeNumbers),
    placeColumns: places.columns.subarray(0, places.used),
    placePositions: places.positions.subarray(0, places.used),
    placeStarts: places.starts,
    placeCounts: places.counts,
    freePlaces: free.numbers,
    freePlaceStarts: free.starts,
  };
  for (const column of all) Object.assign(arrays, await arraysOf(column, pace));
  return {
    facts: {
      columns: all.map(({ key, number }) => ({ key, number })),
      used: places.used,
      entries: places.entries,
    } satisfies Facts,
    arrays,
  };
}

async function arraysOf(column: Column, pace: Pace): Promise<Record<string, NumberArray>> {
  const { number, length, slots, ordinals, kinds, values, strings, uses, freeCodes } = column;
  const texts = await joinTexts(strings, strings.length, pace);
  return {
    [`slots ${number}`]: slots.subarray(0, length),
    [`ordinals ${number}`]: ordinals.subarray(0, length),
    [`kinds ${number}`]: kinds.subarray(0, length),
    [`values ${number}`]: values.subarray(0, length),
    [`strings ${number}`]: texts.bytes,
    [`stringEnds ${number}`]: texts.ends,
    [`uses ${number}`]: Uint32Array.from(uses),
    [`freeCodes ${number}`]: Uint32Array.from(freeCodes),
  };
}

export function loadState(part: Part): MetadataState {
  const { columns: described, used, entries } = part.facts as Facts;
  const words = (name: string): Uint32Array => arrayOf(part, name, Uint32Array);
  const columns = new Map<string, Column>();
  const numbered: (Column | undefined)[] = [];
  for (const { key, number } of described) {
    const column = loadColumn(part, key, number);
    columns.set(key, column);
    numbered[number] = column;
  }
  const places: Places = {
    columns: words('placeColumns'),
    positions: words('placePositions'),
    used,
    starts: words('placeStarts'),
    counts: words('placeCounts'),
    entries,
    free: split({ numbers: words('freePlaces'), starts: words('freePlaceStarts') }).map((blocks) => [...blocks]),
  };
  return { columns, numbered, freeNumbers: [...words('freeNumbers')], places };
}

function loadColumn(part: Part, key: string, number: number): Column {
  const words = (name: string): Uint32Array => arrayOf(part, `${name} ${number}`, Uint32Array);
  const uses = [...words('uses')];
  const strings = splitTexts({ bytes: arrayOf(part, `strings ${number}`, Uint8Array), ends: words('stringEnds') });
  const codes = new Map<string, number>();
  strings.forEach((string, code) => uses[code]! > 0 && codes.set(string, code));
  const slots = words('slots');
  return {
    ...createColumn(key, number),
    length: slots.length,
    slots,
    ordinals: words('ordinals'),
    kinds: arrayOf(part, `kinds ${number}`, Uint8Array),
    values: arrayOf(part, `values ${number}`, Float64Array),
    codes,
    uses,
    strings,
    freeCodes: [...words('freeCodes')],
  };
}
