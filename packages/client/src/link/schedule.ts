import type { Clock } from '../clock.ts';
import type { FrameQueue } from './frame-queue.ts';

/** When to flush: see {@link createTurns}. */
export interface Turns {
  /** With the microtasks of this turn; if those have run already, at its end. */
  soon(): void;
  /** At the end of this turn, or with an earlier flush. */
  later(): void;
}

/**
 * Coalesces writes. What is ready when the microtasks of an event-loop turn run is sent at once and together, so that
 * an idle link does not wait. What comes later in the turn is sent together at its end, so that a busy link writes many
 * frames at a time.
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

/** Notices when queued output is not sent. */
export interface StallWatch {
  /** Starts watching: something may be queued. */
  start(): void;
  stop(): void;
}

/**
 * Calls `stalled` once something has been queued for between one and two times `ms`, however much of the earlier output
 * was sent. So a reader that takes a little now and then is treated like one that takes nothing. The timer keeps
 * running and looks back, so that a busy link does not set and clear it with every write.
 */
export function createStallWatch(clock: Clock, ms: number, queues: readonly FrameQueue[], stalled: () => void): StallWatch {
  let cancel: (() => void) | undefined;
  const start = (): void => {
    if (cancel !== undefined) return;
    const newest = queues.map((queue) => queue.last());
    if (newest.every((item) => item === undefined)) return;
    cancel = clock.after(ms, () => {
      cancel = undefined;
      const waits = newest.some((item, at) => item !== undefined && queues[at]!.has(item));
      if (waits) stalled();
      else start();
    });
  };
  return { start, stop: () => cancel?.() };
}
