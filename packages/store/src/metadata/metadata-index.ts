import type { FilterNode, MetadataTest } from '@tributary/proof/ranking';
import type { Metadata } from '@tributary/schemas';
import { complement, createBitmap, intersect, unite, type Bitmap } from '../slots/bitmap.ts';
import { addValue, columnBytes, createColumn, markEqual, markPresent, markRange, removeEntry, type Column } from './column.ts';

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
}

interface Entry {
  readonly metadata: Metadata;
  /** Column and position of each of the record's entries. */
  readonly columns: readonly Column[];
  readonly positions: number[];
}

interface State {
  readonly columns: Map<string, Column>;
  readonly entries: (Entry | undefined)[];
  /** Bitmaps for intermediate results, one per level of nesting. */
  readonly scratch: Bitmap[];
}

export function createMetadataIndex(): MetadataIndex {
  const state: State = { columns: new Map(), entries: [], scratch: [] };
  return {
    put(slot, metadata) {
      remove(state, slot);
      put(state, slot, metadata);
    },
    remove: (slot) => remove(state, slot),
    passes(slot, test) {
      const entry = state.entries[slot];
      return entry !== undefined && test(entry.metadata);
    },
    matching: (filter, slots) => evaluate(state, filter, slots, 0),
    memoryBytes: () => [...state.columns.values()].reduce((sum, column) => sum + columnBytes(column), 0),
  };
}

function put(state: State, slot: number, metadata: Metadata): void {
  const columns: Column[] = [];
  const positions: number[] = [];
  for (const [key, value] of Object.entries(metadata)) {
    let column = state.columns.get(key);
    if (column === undefined) state.columns.set(key, (column = createColumn(key)));
    addValue(column, slot, value, positions);
    while (columns.length < positions.length) columns.push(column);
  }
  state.entries[slot] = { metadata, columns, positions };
}

function remove(state: State, slot: number): void {
  const entry = state.entries[slot];
  if (entry === undefined) return;
  for (let at = 0; at < entry.positions.length; at += 1) {
    const column = entry.columns[at]!;
    // The entry that fills the gap may be of this very record, so positions are read one at a time.
    removeEntry(
      column,
      entry.positions[at]!,
      (moved, ordinal, position) => (state.entries[moved]!.positions[ordinal] = position),
    );
    if (column.length === 0) state.columns.delete(column.key);
  }
  state.entries[slot] = undefined;
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
