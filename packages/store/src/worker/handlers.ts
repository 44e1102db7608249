import { answerQuery, rebuildAnswer } from '../answer/answer.ts';
import { findForOwner } from '../answer/find.ts';
import { checkIndex } from '../check/check.ts';
import { documentKey } from '../disk/keys.ts';
import type { DocumentRow } from '../disk/values.ts';
import { fetchRecords, listDocuments, listIds } from '../disk/records.ts';
import { exportRecords } from '../snapshot/export.ts';
import { findWrites, proveConsistency, proveSnapshot } from '../snapshot/proofs.ts';
import type { IndexState } from '../state.ts';
import type { CheckProgress, IndexStats } from '../reports.ts';
import type { Writer } from '../write/write.ts';
import type { Background } from './background.ts';
import { deleteMatching, matchingIds, matchingRecords } from './matching.ts';
import type { CallName, CallParams, CallResult } from './protocol.ts';

const HASH_BYTES = 32;
/** Of a tree with all its levels. */
const NODES_A_LEAF = 2;

/** What a call works on. */
export interface Parts {
  state: IndexState;
  writer: Writer;
  background: Background;
}

type Handlers = {
  [Name in Exclude<CallName, 'close'>]: (
    params: CallParams<Name>,
    parts: Parts,
    onProgress: (progress: CheckProgress) => void,
  ) => CallResult<Name> | Promise<CallResult<Name>>;
};

/** One handler per call, except for the call that ends the service. */
export const HANDLERS: Handlers = {
  write: (request, { writer }) => writer.submit(request),
  deleteMatching: (request, { state, writer }) => deleteMatching(request, state, writer),
  changeWriters: (change, { writer }) => writer.delegate(change),
  redate: (time, { writer }) => writer.redate(time),
  writers: (_, { state: { published } }) => published.writers?.statement.writers ?? [],
  answer: (query, { state }) => answerQuery(query, state),
  reached: () => undefined,
  search: (query, { state }) => findForOwner(query, state),
  rebuild: (journal, { state }) => rebuildAnswer(journal, state),
  fetch: ({ namespace, ids }, { state }) => fetchRecords(state.published.reader, namespace, ids),
  matching: (request, { state }) => matchingRecords(request, state),
  matchingIds: (request, { state }) => matchingIds(request, state),
  list: (request, { state }) => listIds(state.published.reader, request),
  documents: (request, { state }) => listDocuments(state.database, request),
  document: ({ namespace, document }, { state }) => {
    const row = state.database.get(documentKey(namespace, document));
    return row === undefined ? null : (JSON.parse(row.toString()) as DocumentRow);
  },
  stats: (_, { state }) => statsOf(state),
  snapshot: (manifestHash, { state }) => proveSnapshot(manifestHash, state.published),
  writes: (hashes, { state }) => findWrites(hashes, state.published),
  consistency: ({ first, second }, { state }) => proveConsistency(first, second, state),
  check: (_, { state }, onProgress) => checkIndex(state, onProgress),
  export: (path, { state }) => exportRecords(path, state),
  compact: (_, { background }) => background.purge(),
};

function statsOf({ published, engine, settings, cache, revisions, tree, log }: IndexState): IndexStats {
  const memory = {
    ...engine.memory(),
    'cached results': cache.weight + revisions.weight,
    'tree and log': NODES_A_LEAF * HASH_BYTES * (tree.size + log.size),
  };
  return {
    records: published.live,
    namespaces: Object.fromEntries(engine.namespaces()),
    dimension: settings.dimension,
    metric: settings.metric,
    vectors: settings.vectors,
    sequence: published.write.sequence,
    waiting: engine.waiting(),
    memoryBytes: Object.values(memory).reduce((sum, bytes) => sum + bytes, 0),
    memory,
  };
}
