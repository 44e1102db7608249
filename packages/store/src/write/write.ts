import { createGroupCommit } from '@tributary/runtime';
import type { Delegation } from '@tributary/schemas';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { StoreError } from '../errors.ts';
import { groupOperationsMax, groupWritesMax, writesWaitingMax } from '../limits.ts';
import type { StoredRevision } from '../disk/values.ts';
import { findRevision, readRevision } from '../disk/records.ts';
import type { IndexState } from '../state.ts';
import type { WriteResult } from '../types.ts';
import { commitGroup, documentOperations, prepareGroup } from './commit.ts';
import { createPace } from '../pace.ts';
import { publishGroup, stageGroup } from './publish.ts';
import { draftFreeSlots } from '../slots/free-slots.ts';
import { recordName } from './enter.ts';
import { sealWrite, type FindRevision } from './seal.ts';
import type { GroupDraft, WriteRequest, WritersChange } from './types.ts';
import { validateWrite } from './validate.ts';
import { changeWriters } from './writers.ts';

export interface Writer {
  /**
   * Resolves once the write is on disk and published.
   *
   * @throws StoreError
   */
  submit(write: WriteRequest): Promise<WriteResult>;
  /** The same for a change of the list of writers; returns all delegations. */
  delegate(change: WritersChange): Promise<Delegation[]>;
  /**
   * Publishes the present snapshot anew, with another date.
   *
   * @throws StoreError READ_ONLY, before anything is tried: a failed write opens the index again
   */
  redate(time: number): Promise<void>;
  /** Resolves when nothing waits. */
  idle(): Promise<void>;
}

/**
 * The only writer of an index: validate → seal → commit → publish. Writes that arrive while a group is being written to
 * disk form the next group: one batch, one sync, one manifest. After a failed commit nobody knows what the disk holds,
 * so `onFailure` must open the state again, and every later write is refused.
 */
export function createWriter(state: IndexState, onPublished: () => void, onFailure: (error: unknown) => void): Writer {
  let failure: unknown;
  const group = createGroupCommit<GroupDraft>({
    begin: () => startDraft(state),
    async write(draft) {
      if (draft.writes.length === 0 && draft.lists.size === 0 && !draft.redated) {
        if (draft.documents.length > 0) await state.database.batch(documentOperations(draft));
        return;
      }
      await state.publishing.pass(async () => {
        const prepared = prepareGroup(draft, state);
        const [, staged] = await Promise.all([commitGroup(prepared, state), stageGroup(prepared, state, createPace())]);
        publishGroup(prepared, staged, state);
      });
      onPublished();
    },
    recover: () => Promise.reject(failure as Error),
    turn: () => nextTurn(),
    groupMax: groupWritesMax,
    groupWeightMax: groupOperationsMax,
    waitingMax: writesWaitingMax,
    overloaded: () =>
      new StoreError('STORE_BUSY', `${writesWaitingMax} writes wait for the disk already; try again with a growing pause`),
    failed(cause) {
      failure = cause;
      onFailure(cause);
      return cause;
    },
  });
  return {
    submit: (request) =>
      group.submit(async (draft) => {
        const pace = createPace();
        const write = await validateWrite(request, state.settings, pace);
        const find: FindRevision = (namespace, id) => findInDraft(draft, state, namespace, id);
        return sealWrite(write, draft, find, state, pace);
      }, request.operations.length),
    delegate: (change) => group.submit((draft) => changeWriters(change, draft, state)),
    async redate(time) {
      if (state.database.readOnly)
        throw new StoreError('READ_ONLY', 'the snapshot is dated ahead of the clock, and cannot be dated anew');
      await group.submit((draft) => {
        draft.time = time;
        draft.redated = true;
      });
    },
    idle: () => group.idle(),
  };
}

function startDraft({ published, free }: IndexState): GroupDraft {
  return {
    changes: new Map(),
    ids: new Map(),
    paths: new Map(),
    free: draftFreeSlots(free),
    freed: [],
    writes: [],
    documents: [],
    writers: published.writers,
    lists: new Map(),
    redated: false,
    size: published.tree.size,
    live: published.live,
    last: published.write,
    time: 0,
  };
}

function findInDraft(
  draft: GroupDraft,
  state: IndexState,
  namespace: string,
  id: string,
): { slot: number; revision: StoredRevision } | null {
  const slot = draft.ids.get(recordName(namespace, id));
  if (slot === null) return null;
  if (slot === undefined) return findRevision(state.published.reader, namespace, id);
  const revision = draft.changes.get(slot)?.revision ?? readRevision(state.published.reader, slot);
  return revision === null ? null : { slot, revision };
}
