import { createPostings, type Postings } from './postings.ts';

export interface Namespace {
  /** List of each index of the vectors. */
  readonly lists: Map<number, number>;
  vectors: number;
}

// Each new vector of a slot gets a new document number, so that lists stay sorted by appending. A vector that is
// replaced or removed stays in its lists as a number that no slot has: finding them would take a second copy of all
// vectors. Numbering starts again when most numbers are unused.
export interface State {
  readonly postings: Postings;
  readonly namespaces: Map<string, Namespace>;
  readonly homes: (string | undefined)[];
  documents: number;
  vectors: number;
  /** Slot by document number. */
  slots: Uint32Array;
  /** Document number plus one by slot; 0 when there is none. */
  documentOf: Uint32Array;
  /** Sums of the present query by document, valid where `queries` has its number. */
  sums: Float64Array;
  queries: Uint32Array;
  query: number;
  touched: Uint32Array;
  touchedCount: number;
}

export const createState = (): State => ({
  postings: createPostings(),
  namespaces: new Map(),
  homes: [],
  documents: 0,
  vectors: 0,
  slots: new Uint32Array(0),
  documentOf: new Uint32Array(0),
  sums: new Float64Array(0),
  queries: new Uint32Array(0),
  query: 0,
  touched: new Uint32Array(0),
  touchedCount: 0,
});
