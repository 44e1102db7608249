import type { CreateIndexBody, OwnIndex } from '@tributary/schemas';
import { StoreError, type Index, type IndexInfo, type NewIndex } from '@tributary/store';
import type { ProviderNode } from '../provider/types.ts';
import { signAs } from '../writers/sign-as.ts';
import { askOwn } from './ask.ts';
import { searchOwn } from './search.ts';
import type { OwnIndexes } from './types.ts';

/** Model id of vectors that the caller computes (docs/spec/snapshot.md). */
const UNSPECIFIED = 'unspecified';

/** The indexes of a provider, for the gateway in the same process. */
export function createOwnIndexes(
  node: Pick<ProviderNode, 'store' | 'embedder' | 'writers' | 'createIndex' | 'deleteIndex' | 'ingestOptions'>,
  uploads: string,
): OwnIndexes {
  const { store, embedder, writers } = node;
  // The store's own refusal lists its indexes, and not every caller may hear of all of them.
  const indexOf = (nameOrId: string): Index => {
    const open = store.find(nameOrId);
    if (open !== null) return open;
    const there = store.failed().find(({ name }) => name === nameOrId.split('@', 1)[0]);
    if (there === undefined) throw new StoreError('INDEX_NOT_FOUND', `this node has no index '${nameOrId}' of its own`);
    return store.index(nameOrId);
  };
  return {
    list: () => store.indexes().map(describe),
    describe: (nameOrId) => describe(indexOf(nameOrId).info()),
    async create(asked, labels = {}) {
      const made = await node.createIndex({ ...settingsOf(asked, embedder), ...labels });
      return describe(made.info());
    },
    async remove(nameOrId) {
      const { name, id } = indexOf(nameOrId).info();
      await node.deleteIndex(name);
      return id;
    },
    // A question to an index that could not be opened must not go to the network instead.
    idOf: (nameOrId) => store.find(nameOrId)?.info().id ?? store.failed().find(({ name }) => name === nameOrId)?.name,
    index: (nameOrId, writer = null) => signAs(indexOf(nameOrId), writer, writers),
    search: (nameOrId, asked) => searchOwn(indexOf(nameOrId), asked),
    uploads,
    addFile(nameOrId, file, options, onProgress, writer = null) {
      const index = signAs(indexOf(nameOrId), writer, writers);
      return index.addFile(file, { ...node.ingestOptions(index), ...options }, onProgress);
    },
    ask: (nameOrId, question) => askOwn(indexOf(nameOrId), question),
  };
}

/** @throws StoreError MODEL_NOT_FOUND, VECTOR_DIMENSION, VECTOR_KIND */
function settingsOf(asked: CreateIndexBody, { card, dimension }: ProviderNode['embedder']): Omit<NewIndex, 'visibility'> {
  const { name, model, vectors = 'dense', dimension: wished, title = '', description = '', licence = '' } = asked;
  const { metric = vectors === 'dense' ? 'cosine' : 'dotproduct' } = asked;
  const named = { name, title, description, licence, vectors };
  if (vectors === 'sparse') {
    if (model !== undefined || wished !== undefined)
      throw new StoreError('VECTOR_KIND', 'an index of sparse vectors only has neither a dimension nor a model');
    return { ...named, metric, dimension: 0, model: null };
  }
  if (model === undefined && wished !== undefined) return { ...named, metric, dimension: wished, model: null };
  if (model !== undefined && model !== card.id) {
    throw new StoreError('MODEL_NOT_FOUND', `this node has no model '${model}'; it has ${card.id}`);
  }
  if (wished !== undefined && wished !== dimension) {
    throw new StoreError('VECTOR_DIMENSION', `the vectors of ${card.id} have ${dimension} components, not ${wished}`);
  }
  return { ...named, metric, dimension, model: card };
}

function describe(info: IndexInfo): OwnIndex {
  const { name, id, title, description, licence, dimension, metric, vectors, model, visibility, records, sequence, created } =
    info;
  return {
    name,
    id,
    title,
    description,
    licence,
    dimension,
    metric,
    vectors,
    model: model.id === UNSPECIFIED ? null : model.id,
    visibility,
    records,
    sequence,
    created: new Date(created).toISOString(),
  };
}
