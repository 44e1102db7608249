import { createArena, type Arena } from './arena.ts';
import { createForward, type Forward } from './forward.ts';

export interface Counted {
  records: number;
  totalLength: number;
}

export interface Namespace {
  readonly name: string;
  readonly number: number;
  /** Posting list of each term. */
  readonly lists: Map<string, number>;
  readonly all: Counted;
  /** Without the records that are not for sale. */
  readonly sold: Counted;
}

// Each new text of a slot gets a new document number, so that lists stay sorted by appending. Numbering starts again
// when most numbers are unused. No object is kept for a record.
export interface State {
  readonly arena: Arena;
  readonly forward: Forward;
  readonly namespaces: Map<string, Namespace>;
  /** Namespaces by number. */
  readonly numbered: (Namespace | undefined)[];
  readonly freeNumbers: number[];
  documents: number;
  /** Slot, length, and home (see `homeOf`) by document number. */
  slots: Uint32Array;
  lengths: Uint32Array;
  homes: Uint32Array;
  /** Document number plus one by slot; 0 when there is none. */
  documentOf: Uint32Array;
  /** Term by posting list. */
  readonly listTerms: string[];
  records: number;
  /** Running sums by document; all 0 between queries. */
  sums: Float64Array;
  touched: Uint32Array;
}

export const createState = (): State => ({
  arena: createArena(),
  forward: createForward(),
  namespaces: new Map(),
  numbered: [],
  freeNumbers: [],
  documents: 0,
  slots: new Uint32Array(0),
  lengths: new Uint32Array(0),
  homes: new Uint32Array(0),
  documentOf: new Uint32Array(0),
  listTerms: [],
  records: 0,
  sums: new Float64Array(0),
  touched: new Uint32Array(0),
});
