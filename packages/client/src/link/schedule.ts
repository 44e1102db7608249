import type { LinkClock } from './types.ts';

/** When to flush: see {@link createTurns}. */
export interface Turns {
  /** With the microtasks of this turn; when that has happened already, at its end. */
  soon(): void;
  /** At the end of this turn, or with an earlier flush. */
  later(): void;
}

/**
 * Coalesces: what is ready when the microtasks of an event-loop turn run leaves at once and together, so that an idle link does not
 * wait; what comes later in the turn leaves together when the turn ends, so that a busy link writes many frames at a time.
 */
export function createTurns(flush: () => void): Turns {
  let wanted = false;
  let soonTaken = false;
  let turnEndPlanned = false;
  const run = () => {
    wanted = false;
    flush();
  };
  const later = () => {
    wanted = true;
    if (turnEndPlanned) return;
    turnEndPlanned = true;
    setImmediate(() => {
      turnEndPlanned = false;
      soonTaken = false;
      if (wanted) run();
    });
  };
  const soon = () => {
    later();
    if (soonTaken) return;
    soonTaken = true;
    queueMicrotask(run);
  };
  return { soon, later };
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
