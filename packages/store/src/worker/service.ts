import type { IndexQuery } from '../answer/types.ts';
import { describeDamage, refuseDamagedIndex } from '../disk/damage.ts';
import { StoreError } from '../errors.ts';
import { closeIndex, openIndex } from '../open/open.ts';
import type { OpenOptions } from '../open/types.ts';
import type { IndexState } from '../state.ts';
import type { IndexStatus } from '../types.ts';
import type { CheckProgress } from '../reports.ts';
import { statusOfEngine } from '../remote/side.ts';
import { createWriter } from '../write/write.ts';
import { createBackground } from './background.ts';
import { saveCaches } from './caches.ts';
import { HANDLERS, type Parts } from './handlers.ts';
import type { Call, CallName } from './protocol.ts';
import { createWaiters } from './waiters.ts';

/** An open index as its worker runs it. Without threads, so that tests can run it with a faulty disk. */
export interface IndexService {
  readonly state: IndexState;
  status(): IndexStatus;
  call: Call;
}

/**
 * Opens an index and serves calls on it. After a failed write nobody knows what the disk holds, so the state is opened
 * again from the disk; calls wait for that. If it cannot be opened, every call fails with the reason.
 *
 * @throws StoreError as {@link openIndex}
 */
export async function openService(options: OpenOptions, onStatus: (status: IndexStatus) => void): Promise<IndexService> {
  const waiters = createWaiters();
  const changed = (): void => onStatus(statusOf(parts.state));
  let parts = await openParts(options, { published, reopen, changed });
  let reopening: Promise<void> | null = null;
  let broken: unknown;
  let closed = false;

  function published(): void {
    onStatus(statusOf(parts.state));
    waiters.reached(parts.state.published.write.sequence);
    parts.background.kick();
  }
  function reopen(): void {
    reopening ??= (async () => {
      try {
        await parts.background.stop();
        await closeIndex(parts.state);
        parts = await openParts(options, { published, reopen, changed });
        published();
      } catch (error) {
        broken = error;
      } finally {
        reopening = null;
      }
    })();
  }
  const ready = async (): Promise<void> => {
    while (reopening !== null) await reopening;
    if (closed) throw new StoreError('STORE_CLOSED', `index ${options.settings.name} is closed`);
    if (broken !== undefined) throw broken;
  };

  parts.background.kick();
  return {
    get state() {
      return parts.state;
    },
    status: () => statusOf(parts.state),
    async call(name, params, onProgress = () => undefined) {
      if (name === 'close') {
        while (reopening !== null) await reopening;
        const isOpen = !closed && broken === undefined;
        closed = true;
        if (isOpen) await close(parts, params === 'leaving');
        await options.remote?.engine.close();
        return undefined as never;
      }
      await ready();
      const sequence =
        name === 'reached' ? (params as number) : name === 'answer' ? (params as IndexQuery).parsed.minSequence : null;
      if (sequence !== null) await waiters.wait(sequence, parts.state.published.write.sequence);
      if (foundDamage(parts.state)) onStatus(statusOf(parts.state));
      if (SERVED.has(name)) refuseDamagedIndex(parts.state.damage, options.settings.name);
      const run: Handler = HANDLERS[name as Exclude<CallName, 'close'>];
      const result = await run(params as never, parts, onProgress);
      if (name === 'check') onStatus(statusOf(parts.state));
      return result as never;
    },
  };
}

/**
 * Calls whose results leave the machine. They are refused when the index is damaged; the owner can still list, delete
 * and write in order to repair it.
 */
const SERVED: ReadonlySet<CallName> = new Set(['answer', 'rebuild', 'snapshot', 'writes', 'consistency']);

/** Takes over what a sweep of the database has found since the last call. */
function foundDamage({ database, damage }: IndexState): boolean {
  const fault = damage.whole === null ? database.fault() : null;
  damage.whole ??= fault;
  return fault !== null;
}

type Handler = (params: never, parts: Parts, onProgress: (progress: CheckProgress) => void) => unknown;

async function openParts(
  options: OpenOptions,
  { published, reopen, changed }: { published: () => void; reopen: () => void; changed: () => void },
): Promise<Parts> {
  const state = await openIndex(options);
  return {
    state,
    writer: createWriter(state, published, reopen),
    background: createBackground(state, options.now ?? Date.now, changed),
  };
}

async function close({ state, writer, background }: Parts, isLeaving: boolean): Promise<void> {
  await writer.idle();
  await background.stop();
  // What cannot be removed stays there, and nobody reads it.
  if (isLeaving) await state.engine.remote?.engine.forget().catch(() => undefined);
  try {
    // Rows that a sweep found damaged are not touched any more.
    if (state.database.fault() === null) await background.purge();
    // Without them the next opening takes longer, and nothing is lost.
    await saveCaches(state).catch(() => undefined);
    // The log may be long after a kill; without it the next opening reads less.
    await state.database.copyLog().catch(() => undefined);
  } finally {
    await closeIndex(state);
  }
}

function statusOf({ published, engine, damage }: IndexState): IndexStatus {
  return {
    records: published.live,
    sequence: published.write.sequence,
    snapshot: published.snapshot,
    manifestHash: published.manifestHash,
    dated: published.time,
    namespaces: Object.fromEntries(engine.namespaces()),
    damage: describeDamage(damage),
    engine: engine.remote === null ? null : statusOfEngine(engine.remote),
  };
}
