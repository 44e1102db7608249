import type { FilterNode, MetadataTest } from '@tributary/proof/ranking';
import type { Metadata, MetadataValue } from '@tributary/schemas';
import { complement, createBitmap, intersect, unite, type Bitmap } from '../slots/bitmap.ts';
import {
  addValue,
  columnBytes,
  createColumn,
  markEqual,
  markPresent,
  markRange,
  removeEntry,
  valueFrom,
  type Column,
} from './column.ts';
import type { Pace } from '../pace.ts';
import type { Part } from '../parts/part.ts';
import { loadState, saveState, type MetadataState } from './metadata-part.ts';
import { createPlaces, dropPlaces, keepPlaces, placesOf } from './places.ts';

/** Metadata of the records: by key for filters over many records, by slot for filters over few. */
export interface MetadataIndex {
  put(slot: number, metadata: Metadata): void;
  remove(slot: number): void;
  /** True when the slot's metadata matches. A slot without a record never does. */
  passes(slot: number, test: MetadataTest): boolean;
  /**
   * Every slot below `slots` whose metadata matches. Slots without a record may be included, because `$ne` is true for
   * a slot without fields. The bitmap is valid until the next call.
   */
  matching(filter: FilterNode, slots: number): Bitmap;
  memoryBytes(): number;
  /** Everything it holds. It must not change until that is written; searches go on. */
  save(pace: Pace): Promise<Part>;
}

// No object is kept for a record: its metadata are in the columns only.
interface State extends MetadataState {
  /** Bitmaps for intermediate results, one per level of nesting. */
  readonly scratch: Bitmap[];
}

/** @param saved what {@link MetadataIndex.save} gave */
export function createMetadataIndex(saved: Part | null = null): MetadataIndex {
  const empty = { columns: new Map(), numbered: [], freeNumbers: [], places: createPlaces() };
  const state: State = { ...(saved === null ? empty : loadState(saved)), scratch: [] };
  return {
    put(slot, metadata) {
      remove(state, slot);
      put(state, slot, metadata);
    },
    remove: (slot) => remove(state, slot),
    passes(slot, test) {
      const metadata = metadataOf(state, slot);
      return metadata !== null && test(metadata);
    },
    matching: (filter, slots) => evaluate(state, filter, slots, 0),
    memoryBytes: () =>
      [...state.columns.values()].reduce((sum, column) => sum + columnBytes(column), state.places.entries * PLACE_BYTES),
    save: (pace) => saveState(state, pace),
  };
}

/** Column and position of an entry. */
const PLACE_BYTES = 8;

function put(state: State, slot: number, metadata: Metadata): void {
  const numbers: number[] = [];
  const positions: number[] = [];
  for (const [key, value] of Object.entries(metadata)) {
    const column = columnOf(state, key);
    addValue(column, slot, value, positions);
    while (numbers.length < positions.length) numbers.push(column.number);
  }
  keepPlaces(state.places, slot, numbers, positions);
}

function columnOf(state: State, key: string): Column {
  const known = state.columns.get(key);
  if (known !== undefined) return known;
  const column = createColumn(key, state.freeNumbers.pop() ?? state.numbered.length);
  state.columns.set(key, column);
  state.numbered[column.number] = column;
  return column;
}

function remove(state: State, slot: number): void {
  const { places, numbered } = state;
  const count = placesOf(places, slot);
  if (count === null) return;
  for (let at = places.starts[slot]!; at < places.starts[slot]! + count; at += 1) {
    const column = numbered[places.columns[at]!]!;
    // The entry that fills the gap may be of this very record, so positions are read one at a time.
    removeEntry(column, places.positions[at]!, (moved, ordinal, position) => {
      places.positions[places.starts[moved]! + ordinal] = position;
    });
    if (column.length > 0) continue;
    state.columns.delete(column.key);
    numbered[column.number] = undefined;
    state.freeNumbers.push(column.number);
  }
  dropPlaces(places, slot);
}

/** The metadata of a slot, made from its entries; null when it has no record. */
function metadataOf({ places, numbered }: State, slot: number): Metadata | null {
  const count = placesOf(places, slot);
  if (count === null) return null;
  const fields: [string, MetadataValue][] = [];
  const end = places.starts[slot]! + count;
  for (let at = places.starts[slot]!; at < end;) {
    const column = numbered[places.columns[at]!]!;
    const first = at;
    while (at < end && places.columns[at] === column.number) at += 1;
    fields.push([column.key, valueFrom(column, places.positions.subarray(first, at))]);
  }
  return Object.fromEntries(fields);
}

/** Each node uses the bitmap of its depth, so a part is finished before the next one overwrites it. */
function evaluate(state: State, node: FilterNode, slots: number, depth: number): Bitmap {
  const into = takeBitmap(state, slots, depth);
  if ('nodes' in node) {
    if (node.op === 'and') complement(into);
    for (const part of node.nodes) {
      const other = evaluate(state, part, slots, depth + 1);
      if (node.op === 'and') intersect(into, other);
      else unite(into, other);
    }
    return into;
  }
  const column = state.columns.get(node.field);
  if (column !== undefined) mark(column, node, into);
  if (node.op === 'ne' || node.op === 'nin' || (node.op === 'exists' && !node.value)) complement(into);
  return into;
}

/** Marks the slots that meet a condition; for `ne`, `nin` and `exists: false`, those that do not. */
function mark(column: Column, node: Exclude<FilterNode, { readonly nodes: unknown }>, into: Bitmap): void {
  switch (node.op) {
    case 'eq':
    case 'ne':
      return markEqual(column, [node.value], into);
    case 'in':
    case 'nin':
      return markEqual(column, node.values, into);
    case 'exists':
      return markPresent(column, into);
    case 'gt':
    case 'gte':
      return markRange(column, node.value, Infinity, node.op === 'gte', into);
    case 'lt':
    case 'lte':
      return markRange(column, -Infinity, node.value, node.op === 'lte', into);
  }
}

function takeBitmap(state: State, slots: number, depth: number): Bitmap {
  const length = (slots + 31) >>> 5;
  let bitmap = state.scratch[depth];
  if (bitmap === undefined || bitmap.words.length !== length) state.scratch[depth] = bitmap = createBitmap(slots);
  else bitmap.words.fill(0);
  return bitmap;
}
