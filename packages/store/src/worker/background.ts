import { metaKey, recordRange } from '../disk/keys.ts';
import { insertSliceMs, purgeDelayMs } from '../limits.ts';
import type { IndexState } from '../state.ts';

/** What an index does between calls: inserting vectors into the graph, and purging deleted texts from the disk. */
export interface Background {
  /** To be called after every publication. */
  kick(): void;
  /** Drops overwritten and deleted records from the disk now. */
  purge(): Promise<void>;
  /** As `purge`, when something waits for it. */
  purgeDue(): Promise<void>;
  stop(): Promise<void>;
}

export function createBackground(state: IndexState): Background {
  let inserting: NodeJS.Immediate | null = null;
  let purging: NodeJS.Timeout | null = null;
  let purge: Promise<void> = Promise.resolve();
  let stopped = false;

  const insert = (): void => {
    inserting = null;
    if (stopped) return;
    if (state.engine.needsRebuild()) state.engine.startRebuild();
    if (state.engine.insertSlice(insertSliceMs) > 0) inserting = setImmediate(insert);
  };
  const isDue = (): boolean => state.database.get(metaKey('purge')) !== undefined;
  const runPurge = (): Promise<void> => {
    purge = purge.then(async () => {
      const { snapshot } = state.published;
      await state.database.compact(recordRange);
      // A deletion that came meanwhile is not purged yet: its mark stays.
      const unchanged = state.published.snapshot === snapshot && state.pending === null;
      if (unchanged && isDue()) await state.database.batch([{ key: metaKey('purge'), value: null }]);
    });
    return purge;
  };

  return {
    kick() {
      if (stopped) return;
      inserting ??= setImmediate(insert);
      if (purging === null && isDue()) {
        purging = setTimeout(() => {
          purging = null;
          // A disk that fails here fails the next write too, which is where it is reported; the mark is set again by it.
          void runPurge().catch(() => undefined);
        }, purgeDelayMs);
        purging.unref();
      }
    },
    purge: runPurge,
    async purgeDue() {
      if (isDue()) await runPurge();
    },
    async stop() {
      stopped = true;
      if (inserting !== null) clearImmediate(inserting);
      if (purging !== null) clearTimeout(purging);
      await purge.catch(() => undefined);
    },
  };
}
