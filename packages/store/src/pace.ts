import { setImmediate as nextTurn } from 'node:timers/promises';
import { turnMsMax } from './limits.ts';

/** Divides long work into slices, between which the event loop turns. */
export interface Pace {
  /** True when the slice is over: time for {@link Pace.rest}. */
  due(): boolean;
  /** Lets the event loop turn, and begins the next slice. */
  rest(): Promise<void>;
}

/** @param now clock in milliseconds that measures slices */
export function createPace(now: () => number = () => performance.now()): Pace {
  let end = now() + turnMsMax;
  return {
    due: () => now() >= end,
    async rest() {
      await nextTurn();
      end = now() + turnMsMax;
    },
  };
}
