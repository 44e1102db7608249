import { arrayOf, join, split, type Part } from '../parts/part.ts';
import { copyEntries, type Arena } from './arena.ts';
import { createState, type Counted, type State } from './state.ts';

interface Facts {
  arena: { used: number; lists: number; freeBlocks: (number[] | null)[]; freeLists: number[] };
  namespaces: { name: string; number: number; terms: string[]; all: Counted; sold: Counted }[];
  freeNumbers: number[];
  documents: number;
  records: number;
}

/** A copy of the whole state, which must hold live documents only: nothing of a removed one is in it. */
export function saveState(state: State): Part {
  const { arena, forward, documents } = state;
  const namespaces = [...state.namespaces.values()];
  const { numbers, starts } = join(namespaces.map(({ lists }) => [...lists.values()]));
  const facts: Facts = {
    arena: {
      used: arena.used,
      lists: arena.lists,
      freeBlocks: arena.freeBlocks.map((blocks) => [...blocks]),
      freeLists: [...arena.freeLists],
    },
    namespaces: namespaces.map(({ name, number, lists, all, sold }) => ({
      name,
      number,
      terms: [...lists.keys()],
      all: { ...all },
      sold: { ...sold },
    })),
    freeNumbers: [...state.freeNumbers],
    documents,
    records: state.records,
  };
  const entries = forward.starts[documents]!;
  const copy = copyEntries(arena);
  return {
    facts,
    arrays: {
      arenaDocuments: copy.documents,
      arenaCounts: copy.counts,
      starts: arena.starts.slice(0, arena.lists),
      listLengths: arena.lengths.slice(0, arena.lists),
      alive: arena.alive.slice(0, arena.lists),
      sold: arena.sold.slice(0, arena.lists),
      sizes: arena.sizes.slice(0, arena.lists),
      forwardLists: forward.lists.slice(0, entries),
      forwardCounts: forward.counts.slice(0, entries),
      forwardStarts: forward.starts.slice(0, documents + 1),
      slots: state.slots.slice(0, documents),
      lengths: state.lengths.slice(0, documents),
      homes: state.homes.slice(0, documents),
      documentOf: state.documentOf.slice(),
      namespaceLists: numbers,
      namespaceStarts: starts,
    },
  };
}

export function loadState(part: Part): State {
  const { documents, records, freeNumbers, namespaces, arena } = part.facts as Facts;
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
    freeNumbers,
    // Filled at once: an array that is filled in any order becomes a slow table.
    listTerms: Array.from({ length: arena.lists }, () => ''),
    documents,
    records,
    slots: words('slots'),
    lengths: words('lengths'),
    homes: words('homes'),
    documentOf: words('documentOf'),
  };
  const lists = split({ numbers: words('namespaceLists'), starts: words('namespaceStarts') });
  namespaces.forEach(({ name, number, terms, all, sold }, at) => {
    const own = lists[at]!;
    const home = { name, number, lists: new Map(terms.map((term, place) => [term, own[place]!])), all, sold };
    loaded.namespaces.set(name, home);
    loaded.numbered[number] = home;
    for (const [term, list] of home.lists) loaded.listTerms[list] = term;
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
    freeLists: facts.freeLists,
    freeBlocks: facts.freeBlocks.map((blocks) => blocks ?? []),
  };
}
