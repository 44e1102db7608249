import type { Clock } from '../clock.ts';
import type { FrameQueue } from './frame-queue.ts';

/** When to flush: see {@link createTurns}. */
export interface Turns {
  /** With the microtasks of this turn; when that has happened already, at its end. */
  soon(): void;
  /** At the end of this turn, or with an earlier flush. */
  later(): void;
}

/**
 * Coalesces: what is ready when the microtasks of an event-loop turn run leaves at once and together, so that an idle
 * link does not wait; what comes later in the turn leaves together when the turn ends, so that a busy link writes many
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

/** Notices when what is queued does not leave. */
export interface StallWatch {
  /** Something may be queued: watch until it is gone. */
  start(): void;
  stop(): void;
}

/**
 * Calls `stalled` once something has been queued for between one and two times `ms`, however much of what came before
 * it has left: a reader that takes a little now and then holds what it does not take like one that takes nothing. The
 * timer is left to run and looks back, so that a busy link does not arm and disarm it with every write.
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
