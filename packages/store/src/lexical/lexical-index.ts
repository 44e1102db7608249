import { bm25Part, bm25Query, textTerms, type TextTerms } from '@tributary/proof/ranking';
import type { Statistics } from '@tributary/schemas';
import { hasBit, type Bitmap } from '../slots/bitmap.ts';
import { growFloat64, growUint32 } from '../slots/grow.ts';
import { offer, resetTopK, sortTopK, type TopK } from '../slots/top-k.ts';
import type { Pace } from '../pace.ts';
import type { Part } from '../parts/part.ts';
import { append, arenaBytes, closeList, openList, renumber, strike } from './arena.ts';
import { addDocument, clearDocument, countIn, forwardBytes, moveDocument } from './forward.ts';
import { loadState, saveState } from './lexical-part.ts';
import { createState, type Namespace, type State } from './state.ts';

/** Weights of a query's terms in one namespace, ready to score its records. */
export interface LexicalQuery {
  /** Posting list and weight of each term that occurs. */
  readonly lists: Uint32Array;
  readonly weights: Float64Array;
  readonly averageLength: number;
  /** Upper bound of the score; 0 when no term occurs. */
  readonly bound: number;
}

/**
 * Keyword index: BM25 (Robertson and Zaragoza 2009) per namespace. The statistics always cover exactly the live
 * records.
 */
export interface LexicalIndex {
  /**
   * Indexes the text of a slot and replaces the previous one. An empty text counts as a record of length 0.
   *
   * @param words the terms of the text, if they are known
   */
  put(slot: number, namespace: string, text: string, isSold?: boolean, words?: TextTerms): void;
  remove(slot: number): void;
  /** @param soldOnly leaves out records that are not for sale, of which a client must not learn */
  statistics(namespace: string, terms: readonly string[], soldOnly?: boolean): Statistics;
  /** Looks up the terms of a query. `asked` has the number of occurrences of each. */
  prepare(namespace: string, statistics: Statistics, asked: ReadonlyMap<string, number>): LexicalQuery;
  /** Fills `into` with the best `count` allowed slots that contain a term. Keys are BM25 scores. */
  best(query: LexicalQuery, count: number, allowed: Bitmap | null, into: TopK): void;
  /** BM25 of one slot, with the same bits as in `best`. */
  scoreOf(query: LexicalQuery, slot: number): number;
  memoryBytes(): number;
  /**
   * Everything it holds, without a trace of what was removed. It must not change until that is written; searches go on.
   */
  save(pace: Pace): Promise<Part>;
}

/** Numbering starts again when there are so many numbers, and so many times the records. */
const UNUSED_NUMBERS_MIN = 65_536;
const UNUSED_FACTOR = 2;

/** @param saved what {@link LexicalIndex.save} gave */
export function createLexicalIndex(saved: Part | null = null): LexicalIndex {
  const state = saved === null ? createState() : loadState(saved);
  return {
    put(slot, namespace, text, isSold = true, words = textTerms(text)) {
      remove(state, slot);
      put(state, slot, namespace, words, isSold);
    },
    remove: (slot) => remove(state, slot),
    statistics: (namespace, asked, soldOnly = false) => statistics(state, namespace, asked, soldOnly),
    prepare: (namespace, counted, asked) => prepare(state, namespace, counted, asked),
    best: (query, count, allowed, into) => best(state, query, count, allowed, into),
    scoreOf: (query, slot) => scoreOf(state, query, slot),
    memoryBytes: () => memoryBytes(state),
    save: (pace) => saveState(state, pace),
  };
}

function put(state: State, slot: number, namespace: string, words: TextTerms, isSold: boolean): void {
  if (state.documents > UNUSED_NUMBERS_MIN + UNUSED_FACTOR * state.records) startOver(state);
  const { arena } = state;
  const home = state.namespaces.get(namespace) ?? openNamespace(state, namespace);
  const document = state.documents;
  state.documents += 1;
  const pairs: [list: number, count: number][] = [];
  for (const [term, count] of words.counts) {
    let list = home.lists.get(term);
    if (list === undefined) {
      list = openList(arena);
      home.lists.set(term, list);
      state.listTerms[list] = term;
    }
    pairs.push([list, append(arena, list, document, count, isSold)]);
  }
  addDocument(
    state.forward,
    pairs.sort(([a], [b]) => a - b),
  );
  state.slots = growUint32(state.slots, document);
  state.lengths = growUint32(state.lengths, document);
  state.homes = growUint32(state.homes, document);
  state.documentOf = growUint32(state.documentOf, slot);
  state.slots[document] = slot;
  state.lengths[document] = words.length;
  state.homes[document] = homeOf(home, isSold);
  state.documentOf[slot] = document + 1;
  state.records += 1;
  tally(home, isSold, 1, words.length);
}

/** Namespace and whether the record is for sale, as one number. */
const homeOf = ({ number }: Namespace, isSold: boolean): number => number * 2 + Number(isSold);

function openNamespace(state: State, name: string): Namespace {
  const nothing = () => ({ records: 0, totalLength: 0 });
  const number = state.freeNumbers.pop() ?? state.numbered.length;
  const home: Namespace = { name, number, lists: new Map(), all: nothing(), sold: nothing() };
  state.namespaces.set(name, home);
  state.numbered[number] = home;
  return home;
}

function closeNamespace(state: State, { name, number }: Namespace): void {
  state.namespaces.delete(name);
  state.numbered[number] = undefined;
  state.freeNumbers.push(number);
}

function tally({ all, sold }: Namespace, isSold: boolean, records: number, length: number): void {
  for (const counted of isSold ? [all, sold] : [all]) {
    counted.records += records;
    counted.totalLength += length;
  }
}

function remove(state: State, slot: number): void {
  const document = (state.documentOf[slot] ?? 0) - 1;
  if (document < 0) return;
  const isSold = state.homes[document]! % 2 === 1;
  const home = state.numbered[state.homes[document]! >>> 1]!;
  const { lists, starts } = state.forward;
  for (let at = starts[document]!; at < starts[document + 1]!; at += 1) {
    const list = lists[at]!;
    if (strike(state.arena, list, document, isSold) > 0) continue;
    closeList(state.arena, list);
    home.lists.delete(state.listTerms[list]!);
  }
  clearDocument(state.forward, document);
  state.documentOf[slot] = 0;
  state.records -= 1;
  tally(home, isSold, -1, -state.lengths[document]!);
  state.slots[document] = 0;
  state.lengths[document] = 0;
  state.homes[document] = 0;
  if (home.all.records === 0) closeNamespace(state, home);
}

/** Renumbers the live documents from 0 in their present order. */
function startOver(state: State): void {
  const numbers = new Uint32Array(state.documents);
  let next = 0;
  for (let document = 0; document < state.documents; document += 1) {
    const slot = state.slots[document]!;
    if (state.documentOf[slot] !== document + 1) continue;
    numbers[document] = next;
    state.slots[next] = slot;
    state.lengths[next] = state.lengths[document]!;
    state.homes[next] = state.homes[document]!;
    moveDocument(state.forward, document, next);
    state.documentOf[slot] = next + 1;
    next += 1;
  }
  state.documents = next;
  state.forward.documents = next;
  for (const { lists } of state.namespaces.values()) {
    for (const list of lists.values()) renumber(state.arena, list, numbers);
  }
}

function statistics(state: State, namespace: string, asked: readonly string[], soldOnly: boolean): Statistics {
  const home = state.namespaces.get(namespace);
  const { records, totalLength } = home?.[soldOnly ? 'sold' : 'all'] ?? { records: 0, totalLength: 0 };
  const frequencies = soldOnly ? state.arena.sold : state.arena.alive;
  const documents = (term: string): number => {
    const list = home?.lists.get(term);
    return list === undefined ? 0 : frequencies[list]!;
  };
  return {
    records,
    averageLength: records === 0 ? 0 : totalLength / records,
    terms: Object.fromEntries(asked.map((term) => [term, documents(term)])),
  };
}

function prepare(state: State, namespace: string, counted: Statistics, asked: ReadonlyMap<string, number>): LexicalQuery {
  const home = state.namespaces.get(namespace);
  const query = bm25Query(counted, asked);
  // In the order of the weights, so that the sums have the same bits as a verifier's.
  const known = query.terms.filter(({ term }) => home?.lists.has(term));
  return {
    lists: Uint32Array.from(known, ({ term }) => home!.lists.get(term)!),
    weights: Float64Array.from(known, ({ weight }) => weight),
    averageLength: query.averageLength,
    bound: query.bound,
  };
}

function best(state: State, query: LexicalQuery, count: number, allowed: Bitmap | null, into: TopK): void {
  const touched = sumUp(state, query);
  const { sums, slots } = state;
  resetTopK(into, count);
  for (let at = 0; at < touched; at += 1) {
    const document = state.touched[at]!;
    const slot = slots[document]!;
    if (allowed === null || hasBit(allowed, slot)) offer(into, slot, sums[document]!);
    sums[document] = 0;
  }
  sortTopK(into);
}

/** Adds each term's part to the sum of its documents; returns how many documents have one. */
function sumUp(state: State, query: LexicalQuery): number {
  state.sums = growFloat64(state.sums, state.documents);
  state.touched = growUint32(state.touched, state.documents);
  const { sums, touched, lengths, arena } = state;
  let found = 0;
  for (let term = 0; term < query.lists.length; term += 1) {
    const list = query.lists[term]!;
    const weight = query.weights[term]!;
    const end = arena.starts[list]! + arena.lengths[list]!;
    for (let at = arena.starts[list]!; at < end; at += 1) {
      const count = arena.counts[at]!;
      if (count === 0) continue;
      const document = arena.documents[at]!;
      if (sums[document] === 0) touched[found++] = document;
      sums[document]! += bm25Part(weight, count, lengths[document]!, query.averageLength);
    }
  }
  return found;
}

function scoreOf(state: State, query: LexicalQuery, slot: number): number {
  const document = (state.documentOf[slot] ?? 0) - 1;
  if (document < 0) return 0;
  const length = state.lengths[document]!;
  let sum = 0;
  for (let term = 0; term < query.lists.length; term += 1) {
    const count = countIn(state.forward, document, query.lists[term]!);
    if (count > 0) sum += bm25Part(query.weights[term]!, count, length, query.averageLength);
  }
  return sum;
}

function memoryBytes({ arena, forward, slots, lengths, homes, documentOf, sums, touched }: State): number {
  const arrays = [slots, lengths, homes, documentOf, sums, touched].reduce((sum, { byteLength }) => sum + byteLength, 0);
  return arenaBytes(arena) + forwardBytes(forward) + arrays;
}
