import { readRevision } from '../disk/records.ts';
import { StoreError } from '../errors.ts';
import { engineBatchSlots, engineCheckMs, engineRetryMs, engineRetryMsMax } from '../limits.ts';
import { changedSlots, readPast } from '../snapshot/past.ts';
import type { IndexState } from '../state.ts';
import { versionOf } from './ask-engine.ts';
import type { Place, RemoteChange, RemoteSide } from './types.ts';

/** Keeps the engine of an index up to date. Writes never wait for it. */
export interface Follower {
  /** To be called after every publication. */
  kick(): void;
  stop(): Promise<void>;
}

/**
 * Follows the index from the snapshot that its engine has: what changed since is written in the background, and the
 * number of the snapshot last. So after a crash the engine is behind, and never taken for what it is not.
 *
 * @param onChange is called when the engine's status has changed
 */
export function followIndex(state: IndexState, side: RemoteSide, onChange: () => void): Follower {
  const rest = createRest();
  const retry = createRest();
  let failures = 0;
  let isOpen = false;
  // What opening put is known from the place of the engine.
  side.waiting.clear();
  side.onTrouble = rest.end;

  const enter = (next: RemoteSide['state']): void => {
    if (side.state.is === 'closed') return;
    side.state = next;
    side.changed();
    onChange();
  };
  const round = async (): Promise<void> => {
    const place = isOpen ? await side.engine.place() : await side.engine.open();
    isOpen = true;
    await compare(place, state, side);
    enter({ is: 'ready' });
    while (side.state.is === 'ready' && (await sendSome(state, side))) onChange();
    failures = 0;
  };
  const run = async (): Promise<void> => {
    while (side.state.is !== 'closed') {
      try {
        await round();
        await rest.begin(engineCheckMs, isBehind(state, side));
      } catch (error) {
        side.waiting.lost();
        enter({ is: 'down', why: asDown(error) });
        await retry.begin(Math.min(engineRetryMs * 2 ** failures, engineRetryMsMax), false);
        failures += 1;
      }
    }
  };
  // Not in this turn: whoever opens the index is not ready for a change of its status yet.
  const running = new Promise((resolve) => setImmediate(resolve)).then(run);
  return {
    kick: rest.end,
    async stop() {
      side.state = { is: 'closed' };
      side.changed();
      side.engine.cancel();
      rest.end();
      retry.end();
      await running;
    },
  };
}

const isBehind = ({ published }: IndexState, { waiting, followed }: RemoteSide): boolean =>
  waiting.count() > 0 || followed !== published.snapshot;

/** Finds what the engine lacks. One that is ahead, or has another history, is written anew. */
async function compare(place: Place | null, state: IndexState, side: RemoteSide): Promise<void> {
  if (place !== null && place.snapshot === side.followed) return;
  const slots = place === null ? null : slotsSince(place, state);
  if (slots === null) {
    await side.engine.cut(side.capacity());
    side.distrust();
    side.followed = null;
    return;
  }
  for (const slot of slots) side.waiting.add(slot);
  side.followed = place!.snapshot;
}

function slotsSince({ snapshot, manifest }: Place, { published }: IndexState): number[] | null {
  if (snapshot > published.snapshot) return null;
  const past = readPast(snapshot, published.reader);
  if (past === null || past.hash !== manifest) return null;
  return changedSlots(
    { snapshot, size: past.size },
    { snapshot: published.snapshot, size: published.tree.size },
    published.reader,
  );
}

/** Sends some of what waits. False when the engine has all of the present snapshot. */
async function sendSome(state: IndexState, side: RemoteSide): Promise<boolean> {
  if (!isBehind(state, side)) return false;
  const slots = side.waiting.take(engineBatchSlots);
  const { snapshot, manifestHash } = state.published;
  const changes = [...slots].map((slot) => changeOf(slot, state));
  const place = side.waiting.count() === slots.length ? { snapshot, manifest: manifestHash } : null;
  await side.engine.apply(changes, place);
  side.waiting.arrived();
  if (place !== null) side.followed = snapshot;
  return true;
}

/** What the published snapshot has in a slot. A record that cannot be read is not searched. */
function changeOf(slot: number, { published }: IndexState): RemoteChange {
  const gone = { slot, version: 0, namespace: '', vector: null };
  try {
    const revision = readRevision(published.reader, slot);
    if (revision === null) return gone;
    return { slot, version: versionOf(revision.vector), namespace: revision.namespace, vector: revision.vector };
  } catch {
    return gone;
  }
}

function asDown(error: unknown): Error {
  return error instanceof StoreError ? error : new StoreError('ENGINE_REFUSED', `the engine failed: ${String(error)}`);
}

/** A pause that can be ended from outside, also before it begins. */
function createRest(): { begin(ms: number, isOver: boolean): Promise<void>; end(): void } {
  let isEnded = false;
  let wake: (() => void) | null = null;
  return {
    async begin(ms, isOver) {
      if (!isOver && !isEnded) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms).unref();
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        wake = null;
      }
      isEnded = false;
    },
    end() {
      isEnded = true;
      wake?.();
    },
  };
}
