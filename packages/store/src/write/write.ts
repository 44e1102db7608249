import { StoreError } from '../errors.ts';
import { groupOperationsMax, groupWritesMax, writesWaitingMax } from '../limits.ts';
import type { StoredRevision } from '../disk/values.ts';
import { findRevision, readRevision } from '../disk/records.ts';
import type { IndexState } from '../state.ts';
import type { WriteResult } from '../types.ts';
import { commitGroup, documentOperations, prepareGroup } from './commit.ts';
import { publishGroup } from './publish.ts';
import { recordName, sealWrite } from './seal.ts';
import type { CheckedWrite, GroupDraft, WriteRequest } from './types.ts';
import { validateWrite } from './validate.ts';

export interface Writer {
  /** Resolved once the write is on disk and published. @throws StoreError */
  submit(write: WriteRequest): Promise<WriteResult>;
  /** Resolved when nothing waits. */
  idle(): Promise<void>;
}

interface Waiting {
  write: CheckedWrite;
  resolve(result: WriteResult): void;
  reject(error: unknown): void;
}

/**
 * The one writer of an index: validate → seal → commit → publish. Writes that wait while a group is on its way to the disk form the
 * next group: one batch, one sync, one manifest. After a failed commit nobody knows what the disk holds, so `onFailure` must open the
 * state anew and every later write is refused.
 */
export function createWriter(state: IndexState, onPublished: () => void, onFailure: (error: unknown) => void): Writer {
  const waiting: Waiting[] = [];
  let running: Promise<void> | null = null;
  let failure: unknown;

  const run = async (): Promise<void> => {
    // Writes queued in this turn of the event loop join the group.
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.length > 0) {
      const group = takeGroup(waiting);
      try {
        if (failure !== undefined) throw failure;
        const outcomes = await writeGroup(
          group.map(({ write }) => write),
          state,
          onPublished,
        );
        group.forEach(({ resolve, reject }, at) => {
          const { result, refusal } = outcomes[at]!;
          if (result === null) reject(refusal);
          else resolve(result);
        });
      } catch (error) {
        if (failure === undefined) {
          failure = error;
          onFailure(error);
        }
        for (const { reject } of group) reject(error);
      }
    }
    running = null;
  };

  return {
    submit(request) {
      if (waiting.length >= writesWaitingMax) {
        throw new StoreError(
          'STORE_BUSY',
          `${writesWaitingMax} writes wait for the disk already; try again with a growing pause`,
        );
      }
      const write = validateWrite(request, state.settings);
      return new Promise((resolve, reject) => {
        waiting.push({ write, resolve, reject });
        running ??= run();
      });
    },
    async idle() {
      while (running !== null) await running;
    },
  };
}

function takeGroup(waiting: Waiting[]): Waiting[] {
  let operations = 0;
  let count = 0;
  while (count < Math.min(waiting.length, groupWritesMax)) {
    operations += waiting[count]!.write.operations.length;
    if (count > 0 && operations > groupOperationsMax) break;
    count += 1;
  }
  return waiting.splice(0, count);
}

/** What came of one write of a group; a write that is refused changes nothing and leaves the others alone. */
type Outcome = { result: WriteResult; refusal: null } | { result: null; refusal: unknown };

async function writeGroup(writes: CheckedWrite[], state: IndexState, onPublished: () => void): Promise<Outcome[]> {
  const draft = startDraft(state);
  const find = (namespace: string, id: string) => findInDraft(draft, state, namespace, id);
  const outcomes: Outcome[] = [];
  for (const write of writes) {
    try {
      const sealed = await sealWrite(write, draft, find, state);
      outcomes.push({ result: { sequence: draft.last.sequence, count: sealed?.count ?? 0 }, refusal: null });
    } catch (refusal) {
      outcomes.push({ result: null, refusal });
    }
  }
  if (draft.writes.length === 0) {
    if (draft.documents.length > 0) await state.database.batch(documentOperations(draft));
    return outcomes;
  }
  const group = prepareGroup(draft, state, writes.at(-1)!.time);
  await commitGroup(group, state);
  publishGroup(group, state);
  onPublished();
  return outcomes;
}

function startDraft({ published, free }: IndexState): GroupDraft {
  return {
    changes: new Map(),
    ids: new Map(),
    free: [...free],
    freed: [],
    writes: [],
    documents: [],
    size: published.tree.size,
    live: published.live,
    last: published.write,
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
