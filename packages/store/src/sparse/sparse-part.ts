import { arrayOf, join, split, type Part } from '../parts/part.ts';
import { copyEntries, type Postings } from './postings.ts';
import { createState, type State } from './state.ts';

interface Facts {
  postings: { used: number; lists: number; chunks: number; freeLists: number[]; freeChunks: (number[] | null)[] };
  namespaces: { name: string; vectors: number }[];
  documents: number;
  vectors: number;
}

/** A copy of the whole state, which must hold live documents only: nothing of a removed one is in it. */
export function saveState(state: State): Part {
  const { postings, documents, vectors } = state;
  const { used, lists, chunks, freeLists, freeChunks } = postings;
  const names = [...state.namespaces.keys()];
  const namespaces = [...state.namespaces.values()];
  const indices = join(namespaces.map((home) => [...home.lists.keys()]));
  const facts: Facts = {
    postings: { used, lists, chunks, freeLists: [...freeLists], freeChunks: freeChunks.map((some) => [...some]) },
    namespaces: names.map((name, at) => ({ name, vectors: namespaces[at]!.vectors })),
    documents,
    vectors,
  };
  const numbers = new Map(names.map((name, at) => [name, at + 1]));
  const copy = copyEntries(postings);
  return {
    facts,
    arrays: {
      postingDocuments: copy.documents,
      postingValues: copy.values,
      first: postings.first.slice(0, lists),
      last: postings.last.slice(0, lists),
      starts: postings.starts.slice(0, chunks),
      sizes: postings.sizes.slice(0, chunks),
      lengths: postings.lengths.slice(0, chunks),
      next: postings.next.slice(0, chunks),
      indices: indices.numbers,
      indexStarts: indices.starts,
      indexLists: join(namespaces.map((home) => [...home.lists.values()])).numbers,
      homes: Uint32Array.from({ length: state.homes.length }, (_, slot) => numbers.get(state.homes[slot] ?? '\0') ?? 0),
      slots: state.slots.slice(0, documents),
      documentOf: state.documentOf.slice(),
    },
  };
}

export function loadState(part: Part): State {
  const { postings, namespaces, documents, vectors } = part.facts as Facts;
  const words = (name: string): Uint32Array => arrayOf(part, name, Uint32Array);
  const starts = words('indexStarts');
  const indices = split({ numbers: words('indices'), starts });
  const lists = split({ numbers: words('indexLists'), starts });
  const loaded: State = {
    ...createState(),
    postings: loadPostings(part, postings),
    homes: Array.from(words('homes'), (number) => namespaces[number - 1]?.name),
    documents,
    vectors,
    slots: words('slots'),
    documentOf: words('documentOf'),
  };
  namespaces.forEach(({ name, vectors: own }, at) => {
    const pairs = Array.from(indices[at]!, (index, place): [number, number] => [index, lists[at]![place]!]);
    loaded.namespaces.set(name, { lists: new Map(pairs), vectors: own });
  });
  return loaded;
}

function loadPostings(part: Part, { used, lists, chunks, freeLists, freeChunks }: Facts['postings']): Postings {
  const words = (name: string): Uint32Array => arrayOf(part, name, Uint32Array);
  return {
    documents: words('postingDocuments'),
    values: arrayOf(part, 'postingValues', Float32Array),
    used,
    first: words('first'),
    last: words('last'),
    lists,
    freeLists,
    starts: words('starts'),
    sizes: arrayOf(part, 'sizes', Uint8Array),
    lengths: words('lengths'),
    next: words('next'),
    chunks,
    freeChunks: freeChunks.map((some) => some ?? []),
  };
}
