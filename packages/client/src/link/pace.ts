import type { Clock } from '../clock.ts';
import { strangerCallsBurst, strangerCallsPerSecond } from './limits.ts';

const secondMs = 1_000;

/** Slows a peer that makes work without paying: over its rate nothing more is read from it until the next second. */
export interface Pace {
  /** One call, cancel or refused question. */
  spend(): void;
  stop(): void;
}

/** @param free true for who need not be slowed */
export function createPace(clock: Clock, gate: { pause(): void; resume(): void }, free: () => boolean): Pace {
  let left = strangerCallsBurst;
  let cancel: (() => void) | undefined;
  const refill = (): void => {
    cancel = undefined;
    const before = left;
    left = Math.min(strangerCallsBurst, left + strangerCallsPerSecond);
    if (before <= 0 && left > 0) gate.resume();
    if (left < strangerCallsBurst) cancel = clock.after(secondMs, refill);
  };
  return {
    spend() {
      if (free()) return;
      left -= 1;
      if (left === 0) gate.pause();
      cancel ??= clock.after(secondMs, refill);
    },
    stop: () => cancel?.(),
  };
}
