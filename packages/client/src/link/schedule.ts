import type { LinkClock } from './types.ts';

/**
 * Coalesces calls: the first ones of an event-loop turn run `flush` once with the turn's microtasks, so that an idle link sends at
 * once; later ones of the same turn run it once more when the turn ends, so that a busy link writes many frames together.
 */
export function oncePerTurn(flush: () => void): () => void {
  let planned = false;
  let flushedThisTurn = false;
  const run = () => {
    planned = false;
    flush();
  };
  return () => {
    if (planned) return;
    planned = true;
    if (flushedThisTurn) return;
    flushedThisTurn = true;
    queueMicrotask(run);
    setImmediate(() => {
      flushedThisTurn = false;
      if (planned) run();
    });
  };
}

/** Notices when something waits and nothing moves. */
export interface StallWatch {
  /** Something waits: watch until it is gone. */
  start(): void;
  moved(): void;
  stop(): void;
}

/**
 * Calls `stalled` once something has waited between one and two times `ms` without any movement. The timer is left to run and
 * looks back, so that a busy link does not arm and disarm it with every write.
 */
export function createStallWatch(clock: LinkClock, ms: number, waits: () => boolean, stalled: () => void): StallWatch {
  let movements = 0;
  let cancel: (() => void) | undefined;
  const start = (): void => {
    if (cancel !== undefined || !waits()) return;
    const before = movements;
    cancel = clock.after(ms, () => {
      cancel = undefined;
      if (movements === before && waits()) stalled();
      else start();
    });
  };
  return {
    start,
    moved: () => void (movements += 1),
    stop: () => cancel?.(),
  };
}
