import { searchText } from '@tributary/schemas';
import { expiredUndo } from '../snapshot/undo.ts';
import type { IndexState } from '../state.ts';
import type { PreparedGroup } from './types.ts';

/**
 * Publishes a committed group: answers are made from it from now on. Synchronous, so that no answer sees half of it.
 */
export function publishGroup(group: PreparedGroup, state: IndexState): void {
  const { draft, manifest } = group;
  const { reader } = state.published;
  for (const [slot, { revision }] of draft.changes) {
    state.cache.delete(slot);
    state.revisions.delete(slot);
    state.damage.slots.delete(slot);
    if (revision === null) {
      state.engine.remove(slot);
      continue;
    }
    const { namespace, vector, sparse, metadata, sell } = revision;
    state.engine.put({ slot, namespace, vector, sparse, searchText: searchText(revision), metadata, sell });
  }
  draft.free.publish();
  state.undo = [...state.undo.slice(expiredUndo(state.undo, manifest.time).length), group.undo];
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
