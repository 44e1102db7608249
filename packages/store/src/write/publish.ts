import { searchText } from '@tributary/schemas';
import type { Pace } from '../pace.ts';
import type { EngineRecord, StagedRecord } from '../search/types.ts';
import { expiredUndo } from '../snapshot/undo.ts';
import type { IndexState } from '../state.ts';
import type { PreparedGroup } from './types.ts';

/** What a slot gets when its group is published; null: it becomes free. */
type StagedChange = { record: EngineRecord; staged: StagedRecord } | null;
export type StagedGroup = ReadonlyMap<number, StagedChange>;

/** Computes in slices all that {@link publishGroup} needs, while the group is written to the disk. */
export async function stageGroup({ draft }: PreparedGroup, { engine }: IndexState, pace: Pace): Promise<StagedGroup> {
  const changes = new Map<number, StagedChange>();
  for (const [slot, { revision }] of draft.changes) {
    if (pace.due()) await pace.rest();
    if (revision === null) {
      changes.set(slot, null);
      continue;
    }
    const { namespace, vector, sparse, metadata, sell } = revision;
    const record = { slot, namespace, vector, sparse, searchText: searchText(revision), metadata, sell };
    changes.set(slot, { record, staged: engine.stage(record) });
  }
  return changes;
}

/**
 * Publishes a committed group: answers are made from it from now on. Synchronous, so that no answer sees half of it.
 */
export function publishGroup(group: PreparedGroup, changes: StagedGroup, state: IndexState): void {
  const { draft, manifest } = group;
  const { reader } = state.published;
  for (const [slot, change] of changes) {
    state.cache.delete(slot);
    state.revisions.delete(slot);
    state.damage.slots.delete(slot);
    if (change === null) state.engine.remove(slot);
    else state.engine.put(change.record, change.staged);
  }
  draft.free.publish();
  state.undo = [...state.undo.slice(expiredUndo(state.undo, group.undo.time).length), group.undo];
  state.undoFirst = group.undoFirst;
  state.image.changes += draft.changes.size;
  state.pending = null;
  state.published = {
    snapshot: manifest.sequence,
    manifestHash: manifest.hash,
    write: draft.last,
    writers: draft.writers,
    live: draft.live,
    time: manifest.time,
    checkpoint: group.checkpoint,
    reader: state.database.snapshot(),
    tree: state.tree,
    log: state.log,
  };
  reader.close();
}
