import type { Pace } from '../pace.ts';
import { arrayOf, join, joinTexts, split, splitTexts, type Part } from '../parts/part.ts';
import { tidyList, type Arena } from './arena.ts';
import { createState, type Counted, type Namespace, type State } from './state.ts';

interface Facts {
  arena: { used: number; lists: number };
  namespaces: { name: string; number: number; all: Counted; sold: Counted }[];
  documents: number;
  records: number;
}

/** The whole state, which keeps no trace of a removed document then. */
export async function saveState(state: State, pace: Pace): Promise<Part> {
  const { arena, forward, documents } = state;
  const namespaces = [...state.namespaces.values()];
  for (let list = 0; list < arena.lists; list += 1) {
    if (pace.due()) await pace.rest();
    tidyList(arena, list);
  }
  const { numbers, starts } = await listsOf(namespaces, pace);
  const terms = await joinTexts(termsOf(namespaces), numbers.length, pace);
  const freeBlocks = join(arena.freeBlocks.map((blocks) => blocks ?? []));
  const facts: Facts = {
    arena: { used: arena.used, lists: arena.lists },
    namespaces: namespaces.map(({ name, number, all, sold }) => ({ name, number, all: { ...all }, sold: { ...sold } })),
    documents,
    records: state.records,
  };
  const entries = forward.starts[documents]!;
  return {
    facts,
    arrays: {
      arenaDocuments: arena.documents.subarray(0, arena.used),
      arenaCounts: arena.counts.subarray(0, arena.used),
      starts: arena.starts.subarray(0, arena.lists),
      listLengths: arena.lengths.subarray(0, arena.lists),
      alive: arena.alive.subarray(0, arena.lists),
      sold: arena.sold.subarray(0, arena.lists),
      sizes: arena.sizes.subarray(0, arena.lists),
      freeLists: Uint32Array.from(arena.freeLists),
      freeBlocks: freeBlocks.numbers,
      freeBlockStarts: freeBlocks.starts,
      forwardLists: forward.lists.subarray(0, entries),
      forwardCounts: forward.counts.subarray(0, entries),
      forwardStarts: forward.starts.subarray(0, documents + 1),
      slots: state.slots.subarray(0, documents),
      lengths: state.lengths.subarray(0, documents),
      homes: state.homes.subarray(0, documents),
      documentOf: state.documentOf,
      freeNumbers: Uint32Array.from(state.freeNumbers),
      namespaceLists: numbers,
      namespaceStarts: starts,
      terms: terms.bytes,
      termEnds: terms.ends,
    },
  };
}

/** The posting lists of each namespace. */
async function listsOf(namespaces: readonly Namespace[], pace: Pace): Promise<{ numbers: Uint32Array; starts: Uint32Array }> {
  const starts = new Uint32Array(namespaces.length + 1);
  namespaces.forEach(({ lists }, at) => (starts[at + 1] = starts[at]! + lists.size));
  const numbers = new Uint32Array(starts[namespaces.length]!);
  let at = 0;
  for (const { lists } of namespaces) {
    for (const list of lists.values()) {
      if (pace.due()) await pace.rest();
      numbers[at++] = list;
    }
  }
  return { numbers, starts };
}

function* termsOf(namespaces: readonly Namespace[]): Generator<string> {
  for (const { lists } of namespaces) yield* lists.keys();
}

export function loadState(part: Part): State {
  const { documents, records, namespaces, arena } = part.facts as Facts;
  const words = (name: string): Uint32Array => arrayOf(part, name, Uint32Array);
  const loaded: State = {
    ...createState(),
    arena: loadArena(part, arena),
    forward: {
      lists: words('forwardLists'),
      counts: arrayOf(part, 'forwardCounts', Uint16Array),
      starts: words('forwardStarts'),
      documents,
    },
    freeNumbers: [...words('freeNumbers')],
    // Filled at once: an array that is filled in any order becomes a slow table.
    listTerms: Array.from({ length: arena.lists }, () => ''),
    documents,
    records,
    slots: words('slots'),
    lengths: words('lengths'),
    homes: words('homes'),
    documentOf: words('documentOf'),
  };
  const lists = words('namespaceLists');
  const starts = words('namespaceStarts');
  const terms = splitTexts({ bytes: arrayOf(part, 'terms', Uint8Array), ends: words('termEnds') });
  namespaces.forEach(({ name, number, all, sold }, at) => {
    const home: Namespace = { name, number, lists: new Map(), all, sold };
    loaded.namespaces.set(name, home);
    loaded.numbered[number] = home;
    for (let place = starts[at]!; place < starts[at + 1]!; place += 1) {
      home.lists.set(terms[place]!, lists[place]!);
      loaded.listTerms[lists[place]!] = terms[place]!;
    }
  });
  return loaded;
}

function loadArena(part: Part, facts: Facts['arena']): Arena {
  const words = (name: string): Uint32Array => arrayOf(part, name, Uint32Array);
  return {
    documents: words('arenaDocuments'),
    counts: arrayOf(part, 'arenaCounts', Uint16Array),
    used: facts.used,
    starts: words('starts'),
    lengths: words('listLengths'),
    alive: words('alive'),
    sold: words('sold'),
    sizes: arrayOf(part, 'sizes', Uint8Array),
    lists: facts.lists,
    freeLists: [...words('freeLists')],
    freeBlocks: split({ numbers: words('freeBlocks'), starts: words('freeBlockStarts') }).map((blocks) => [...blocks]),
  };
}
