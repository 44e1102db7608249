import type { SparseVector } from '@tributary/schemas';
import { hasBit, type Bitmap } from '../slots/bitmap.ts';
import { growFloat64, growUint32 } from '../slots/grow.ts';
import { offer, resetTopK, sortTopK, type TopK } from '../slots/top-k.ts';
import type { Part } from '../parts/part.ts';
import { append, closeList, openList, postingsBytes, renumber } from './postings.ts';
import { loadState, saveState } from './sparse-part.ts';
import { createState, type State } from './state.ts';

/** Exact search of sparse vectors by dot product, in inverted lists for each namespace. */
export interface SparseIndex {
  /** Puts the sparse vector of a slot, or none, and replaces the previous one. */
  put(slot: number, namespace: string, vector: SparseVector | null): void;
  remove(slot: number): void;
  /**
   * Computes the dot product with every vector of the namespace that has an index in common. `best` and `sumOf` give
   * them until the next change.
   */
  sumUp(namespace: string, query: SparseVector): void;
  /** Fills `into` with the best `count` allowed slots that have an index in common. Keys are dot products. */
  best(count: number, allowed: Bitmap | null, into: TopK): void;
  /** The dot product with the vector of a slot; 0 when they have nothing in common. */
  sumOf(slot: number): number;
  memoryBytes(): number;
  /** A copy of everything it holds, without a trace of what was removed. */
  save(): Part;
}

const UNUSED_NUMBERS_MIN = 16_384;
const QUERY_NUMBER_MAX = 0xffffffff;

/** @param saved what {@link SparseIndex.save} gave */
export function createSparseIndex(saved: Part | null = null): SparseIndex {
  const state = saved === null ? createState() : loadState(saved);
  return {
    put(slot, namespace, vector) {
      remove(state, slot);
      if (vector !== null) put(state, slot, namespace, vector);
    },
    remove: (slot) => remove(state, slot),
    sumUp: (namespace, query) => sumUp(state, namespace, query),
    best: (count, allowed, into) => best(state, count, allowed, into),
    sumOf: (slot) => sumOf(state, slot),
    memoryBytes: () => memoryBytes(state),
    save() {
      if (state.documents > state.vectors) startOver(state);
      return saveState(state);
    },
  };
}

function put(state: State, slot: number, namespace: string, { indices, values }: SparseVector): void {
  if (state.documents > UNUSED_NUMBERS_MIN + 2 * state.vectors) startOver(state);
  const { postings } = state;
  let home = state.namespaces.get(namespace);
  if (home === undefined) state.namespaces.set(namespace, (home = { lists: new Map(), vectors: 0 }));
  const document = state.documents;
  state.documents += 1;
  for (let at = 0; at < indices.length; at += 1) {
    const index = indices[at]!;
    let list = home.lists.get(index);
    if (list === undefined) home.lists.set(index, (list = openList(postings)));
    append(postings, list, document, values[at]!);
  }
  state.slots = growUint32(state.slots, document);
  state.documentOf = growUint32(state.documentOf, slot);
  state.slots[document] = slot;
  state.documentOf[slot] = document + 1;
  state.homes[slot] = namespace;
  state.vectors += 1;
  home.vectors += 1;
}

function remove(state: State, slot: number): void {
  const name = state.homes[slot];
  if (name === undefined) return;
  state.homes[slot] = undefined;
  state.documentOf[slot] = 0;
  state.vectors -= 1;
  const home = state.namespaces.get(name)!;
  home.vectors -= 1;
  if (home.vectors > 0) return;
  for (const list of home.lists.values()) closeList(state.postings, list);
  state.namespaces.delete(name);
}

/** Renumbers the documents that slots have from 0 in their present order, and drops the others from their lists. */
function startOver(state: State): void {
  const numbers = new Uint32Array(state.documents);
  let next = 0;
  for (let document = 0; document < state.documents; document += 1) {
    const slot = state.slots[document]!;
    if (state.documentOf[slot] !== document + 1) continue;
    state.slots[next] = slot;
    next += 1;
    state.documentOf[slot] = next;
    numbers[document] = next;
  }
  state.documents = next;
  state.touchedCount = 0;
  for (const { lists } of state.namespaces.values()) {
    for (const [index, list] of lists) {
      if (renumber(state.postings, list, numbers) > 0) continue;
      closeList(state.postings, list);
      lists.delete(index);
    }
  }
}

function sumUp(state: State, namespace: string, { indices, values }: SparseVector): void {
  startQuery(state);
  const lists = state.namespaces.get(namespace)?.lists;
  if (lists === undefined) return;
  // In ascending order of index, so that the sums have the bits of a verifier's.
  for (let place = 0; place < indices.length; place += 1) {
    const list = lists.get(indices[place]!);
    if (list !== undefined) addList(state, list, values[place]!);
  }
}

/** Adds the products of one list. */
function addList(state: State, list: number, factor: number): void {
  const { slots, documentOf, sums, queries, query, touched } = state;
  const { documents, values, first, starts, lengths, next } = state.postings;
  let found = state.touchedCount;
  for (let chunk = first[list]! + 1; chunk !== 0; chunk = next[chunk - 1]!) {
    const start = starts[chunk - 1]!;
    const end = start + lengths[chunk - 1]!;
    for (let at = start; at < end; at += 1) {
      const document = documents[at]!;
      if (queries[document] !== query) {
        // The vector of a slot may have been replaced or removed since.
        if (documentOf[slots[document]!] !== document + 1) continue;
        queries[document] = query;
        sums[document] = 0;
        touched[found++] = document;
      }
      sums[document]! += factor * values[at]!;
    }
  }
  state.touchedCount = found;
}

/** Numbers each query, so that the sums of the one before need not be cleared. */
function startQuery(state: State): void {
  state.sums = growFloat64(state.sums, state.documents);
  state.queries = growUint32(state.queries, state.documents);
  state.touched = growUint32(state.touched, state.documents);
  state.touchedCount = 0;
  if (state.query === QUERY_NUMBER_MAX) {
    state.queries.fill(0);
    state.query = 0;
  }
  state.query += 1;
}

function best(state: State, count: number, allowed: Bitmap | null, into: TopK): void {
  const { touched, slots, sums } = state;
  resetTopK(into, count);
  for (let at = 0; at < state.touchedCount; at += 1) {
    const document = touched[at]!;
    const slot = slots[document]!;
    if (allowed === null || hasBit(allowed, slot)) offer(into, slot, sums[document]!);
  }
  sortTopK(into);
}

function sumOf(state: State, slot: number): number {
  // Beyond the end the number is undefined, which is no document either.
  const document = (state.documentOf[slot] ?? 0) - 1;
  return document >= 0 && state.queries[document] === state.query ? state.sums[document]! : 0;
}

/** Bytes of one entry of a map of numbers, roughly. */
const MAP_ENTRY_BYTES = 40;

function memoryBytes(state: State): number {
  const { postings, slots, documentOf, sums, queries, touched } = state;
  const lists = postings.lists - postings.freeLists.length;
  const arrays = [slots, documentOf, sums, queries, touched].reduce((sum, { byteLength }) => sum + byteLength, 0);
  return postingsBytes(postings) + arrays + lists * MAP_ENTRY_BYTES;
}
