import { filterTest, parseFilter } from '@tributary/proof/ranking';
import { writeOperationsMax } from '@tributary/schemas';
import { answerQuery, rebuildAnswer } from '../answer/answer.ts';
import { findForOwner } from '../answer/find.ts';
import { checkIndex } from '../check/check.ts';
import { documentKey } from '../disk/keys.ts';
import type { DocumentRow } from '../disk/values.ts';
import { fetchRecords, listDocuments, listIds, readRevision } from '../disk/records.ts';
import { findWrites, proveConsistency, proveSnapshot } from '../snapshot/proofs.ts';
import type { IndexState } from '../state.ts';
import type { WriteResult } from '../types.ts';
import type { CheckProgress } from '../reports.ts';
import type { DeleteRequest } from '../write/types.ts';
import type { Writer } from '../write/write.ts';
import type { Background } from './background.ts';
import type { CallName, CallParams, CallResult } from './protocol.ts';

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
  answer: (query, { state }) => answerQuery(query, state),
  search: (query, { state }) => findForOwner(query, state),
  rebuild: (journal, { state }) => rebuildAnswer(journal, state),
  fetch: ({ namespace, ids }, { state }) => fetchRecords(state.published.reader, namespace, ids),
  list: (request, { state }) => listIds(state.published.reader, request),
  documents: ({ namespace, after }, { state }) => listDocuments(state.database, namespace, after),
  document: ({ namespace, document }, { state }) => {
    const row = state.database.get(documentKey(namespace, document));
    return row === undefined ? null : (JSON.parse(row.toString()) as DocumentRow);
  },
  stats: (_, { state: { published, engine, settings, cache } }) => ({
    records: published.live,
    namespaces: Object.fromEntries(engine.namespaces()),
    dimension: settings.dimension,
    metric: settings.metric,
    sequence: published.write.sequence,
    memoryBytes: engine.memoryBytes() + cache.weight,
  }),
  snapshot: (manifestHash, { state }) => proveSnapshot(manifestHash, state.published),
  writes: (hashes, { state }) => findWrites(hashes, state.published),
  consistency: ({ first, second }, { state }) => proveConsistency(first, second, state),
  check: (_, { state }, onProgress) => checkIndex(state, onProgress),
  compact: (_, { background }) => background.purge(),
};

/** Deletes what matched when the call arrived, in writes of the largest size. */
async function deleteMatching(request: DeleteRequest, state: IndexState, writer: Writer): Promise<WriteResult> {
  const { namespace, filter, time, custody, author } = request;
  const node = filter === null ? null : parseFilter(filter);
  const test = node === null ? () => true : filterTest(node);
  const slots = [...state.engine.matching(namespace, node)];
  let result: WriteResult = { sequence: state.published.write.sequence, count: 0 };
  for (let at = 0; at < slots.length; at += writeOperationsMax) {
    const operations = slots.slice(at, at + writeOperationsMax).flatMap((slot) => {
      const revision = readRevision(state.published.reader, slot);
      // A write in between may have changed the slot.
      const matches = revision !== null && revision.namespace === namespace && test(revision.metadata);
      return matches ? [{ kind: 'delete' as const, namespace, id: revision.id }] : [];
    });
    const written = await writer.submit({ operations, time, custody, author, salts: new Uint8Array(0), documents: [] });
    result = { sequence: written.sequence, count: result.count + written.count };
  }
  return result;
}
