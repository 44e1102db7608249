import { filterTest } from '@tributary/proof/ranking';
import type { Namespace } from '../metadata/namespaces.ts';
import { countBits, growBitmap, intersect, setBit, type Bitmap } from '../slots/bitmap.ts';
import { filterEntriesPerRecord, filterScanRecordsMax } from '../limits.ts';
import type { EngineQuery, Scope, SearchState } from './types.ts';

const NOTHING: Scope = { count: 0, slots: null };

/** Finds the slots that may be in the results: those of the namespace that match the filter and may be sold. */
export function select(
  state: SearchState,
  query: Pick<EngineQuery, 'namespace' | 'filter' | 'filterNode' | 'excludeUnsold'>,
): Scope {
  const home = state.namespaces.byName.get(query.namespace);
  if (home === undefined) return NOTHING;
  const { filter, filterNode } = query;
  const hides = query.excludeUnsold && home.unsold > 0;
  const records = home.list.length;
  if (filter === null && filterNode === null && !hides && records === state.namespaces.records)
    return { count: records, slots: null };

  const slots = cleared(state);
  if (filterNode !== null && usesColumns(records, state.vectors.capacity)) {
    fillNamespace(state, home, slots);
    intersect(slots, state.metadata.matching(filterNode, state.vectors.capacity));
  } else {
    const test = filterNode === null ? filter : filterTest(filterNode);
    if (test === null) fillNamespace(state, home, slots);
    else testEach(state, home, test, slots);
  }
  if (hides) removeUnsold(state, slots);
  return { count: countBits(slots), slots };
}

/** A column has the values of all namespaces, one after the other; a record is made from its places in each. */
const usesColumns = (records: number, capacity: number): boolean =>
  records > filterScanRecordsMax || records * filterEntriesPerRecord > capacity;

function cleared(state: SearchState): Bitmap {
  const { scope } = state.scratch;
  growBitmap(scope, state.vectors.capacity);
  scope.words.fill(0);
  return scope;
}

function fillNamespace(state: SearchState, home: Namespace, into: Bitmap): void {
  const { list } = home;
  if (list.length === state.namespaces.records) {
    into.words.set(state.vectors.live.words.subarray(0, into.words.length));
    return;
  }
  for (let at = 0; at < list.length; at += 1) setBit(into, list.slots[at]!);
}

function testEach(state: SearchState, home: Namespace, test: NonNullable<EngineQuery['filter']>, into: Bitmap): void {
  const { list } = home;
  for (let at = 0; at < list.length; at += 1) {
    const slot = list.slots[at]!;
    if (state.metadata.passes(slot, test)) setBit(into, slot);
  }
}

function removeUnsold(state: SearchState, slots: Bitmap): void {
  const unsold = state.namespaces.unsold.words;
  const length = Math.min(slots.words.length, unsold.length);
  for (let at = 0; at < length; at += 1) slots.words[at]! &= ~unsold[at]!;
}
