import { metaKey } from '../disk/keys.ts';
import { saveGraph } from '../graph/stored-graph.ts';
import { dropImage } from '../image/image.ts';
import { graphPurgeDelayMs, graphRepairDelayMs, insertSliceMs, purgeDelayMs } from '../limits.ts';
import { followIndex } from '../remote/follow.ts';
import type { IndexState } from '../state.ts';
import { createPause } from './pause.ts';
import { createSaves } from './saves.ts';

/**
 * Background work of an index: inserting vectors into the graph or sending them to the engine that has it, saving what
 * makes an opening fast, and purging deleted records.
 */
export interface Background {
  /** To be called after every publication. */
  kick(): void;
  /** Removes overwritten and deleted records from the disk now, if there are any. */
  purge(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * @param now clock in Unix milliseconds
 * @param onChange is called when the status of the engine has changed
 */
export function createBackground(state: IndexState, now: () => number, onChange: () => void): Background {
  let inserting: NodeJS.Immediate | null = null;
  let purging: NodeJS.Timeout | null = null;
  /** Snapshot at which deleted vectors began to be taken out of the graph. */
  let forgetting: number | null = null;
  let work: Promise<void> = Promise.resolve();
  let stopped = false;
  const { remote } = state.engine;
  const follower = remote === null ? null : followIndex(state, remote, onChange);

  /** One task at a time. A disk that fails here also fails the next write, which reports it. */
  const enqueue = (task: () => Promise<void>): Promise<void> => {
    const done = work.then(task);
    work = done.catch(() => undefined);
    return done;
  };
  const saves = createSaves(state, now, enqueue, () => background.kick());
  const insert = (): void => {
    inserting = null;
    if (stopped || saves.begun()) return;
    // Vectors that wait may take the memory of dead nodes.
    if (state.engine.waiting() > 0 && state.engine.needsRepair()) state.engine.startRepair();
    if (forgetting === null && forgetDue(state, now())) {
      forgetting = state.published.snapshot;
      state.engine.startRepair();
    }
    if (insertSome(state) > 0) {
      inserting = setImmediate(insert);
    } else if (forgetting !== null) {
      const since = forgetting;
      forgetting = null;
      saves.hold(() => forgotten(state, since, now()));
    }
  };
  // Beside a deletion of many, the next dead nodes would be looked for again and again.
  const repair = createPause(graphRepairDelayMs, () => {
    if (state.engine.needsRepair()) state.engine.startRepair();
    background.kick();
  });
  const purge = (): Promise<void> => enqueue(() => purgeFiles(state));

  const background: Background = {
    kick() {
      if (stopped) return;
      inserting ??= setImmediate(insert);
      saves.later();
      if (state.engine.needsRepair()) repair.wait();
      follower?.kick();
      if (purging !== null || !knowsPurgeDue(state)) return;
      purging = setTimeout(() => {
        purging = null;
        purge().then(
          () => background.kick(),
          () => undefined,
        );
      }, purgeDelayMs);
      purging.unref();
    },
    purge,
    async stop() {
      stopped = true;
      if (inserting !== null) clearImmediate(inserting);
      if (purging !== null) clearTimeout(purging);
      repair.stop();
      saves.stop();
      await follower?.stop();
      await work;
    },
  };
  return background;
}

/** Number of vectors that wait. One that cannot be read stays out of the graph. */
function insertSome({ engine }: IndexState): number {
  try {
    return engine.insertSlice(insertSliceMs);
  } catch {
    return 1;
  }
}

/** Removes what was deleted from the files, if there is anything. */
async function purgeFiles(state: IndexState): Promise<void> {
  const { snapshot } = state.published;
  if (!purgeDue(state)) return;
  await state.database.purge(() => renewReader(state));
  await purgeImage(state, snapshot);
  // A deletion that came meanwhile is not purged yet, so its mark stays.
  const unchanged = state.published.snapshot === snapshot && state.pending === null;
  if (unchanged) await state.database.batch([{ key: metaKey('purge'), value: null }]);
}

/** An image older than a deletion has words of what was deleted. */
async function purgeImage({ directory, image }: IndexState, snapshot: number): Promise<void> {
  if (image.snapshot !== null && image.snapshot >= snapshot) return;
  await dropImage(directory);
  image.snapshot = null;
}

const purgeDue = ({ database }: IndexState): boolean => !database.readOnly && database.get(metaKey('purge')) !== undefined;

/** A mark that cannot be read is left to the calls that read; they say so to their callers. */
function knowsPurgeDue(state: IndexState): boolean {
  try {
    return purgeDue(state);
  } catch {
    return false;
  }
}

/** Takes the published snapshot anew. Its rows are the same while no group is being written. */
function renewReader(state: IndexState): void {
  if (state.pending !== null) return;
  const { reader } = state.published;
  state.published = { ...state.published, reader: state.database.snapshot() };
  reader.close();
}

function forgetDue({ database }: IndexState, now: number): boolean {
  if (database.readOnly) return false;
  const since = database.get(metaKey('forget'));
  return since !== undefined && Number(since.readBigUInt64BE(0)) + graphPurgeDelayMs <= now;
}

/** Saves the graph without the deleted vectors. What was deleted since it was started is due a full delay later. */
async function forgotten({ directory, engine, database, published }: IndexState, since: number, now: number): Promise<void> {
  await saveGraph(directory, engine);
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(now));
  await database.batch([{ key: metaKey('forget'), value: published.snapshot === since ? null : time }]);
}
