import type { Random } from '../random.ts';
import type { Scheduler } from './scheduler.ts';

/** Wall-clock time of a machine at virtual time 0. */
export const startMs = 1_800_000_000_000;

const REPLACED = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'clearImmediate'] as const;

/**
 * Replaces this process's timers, clock and random numbers with virtual time and seeded randomness, so that the real
 * code needs no changes. Returns a function that restores them.
 */
export function replaceGlobals(scheduler: Scheduler, random: Random): () => void {
  const kept = Object.fromEntries(REPLACED.map((name) => [name, globalThis[name]]));
  const { now } = Date;
  const performanceNow = performance.now;
  const { random: mathRandom } = Math;
  const fill = crypto.getRandomValues;
  Object.assign(globalThis, timers(scheduler));
  Date.now = () => startMs + Math.floor(scheduler.now);
  performance.now = () => scheduler.now;
  Math.random = random.next;
  crypto.getRandomValues = <T extends ArrayBufferView | null>(array: T): T => {
    if (array !== null) {
      const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
      bytes.set(random.bytes(bytes.length));
    }
    return array;
  };
  return () => {
    Object.assign(globalThis, kept);
    Object.assign(Date, { now });
    Object.assign(performance, { now: performanceNow });
    Object.assign(Math, { random: mathRandom });
    Object.assign(crypto, { getRandomValues: fill });
  };
}

/** The part of Node's timer objects that the code calls. */
class VirtualTimer {
  cancel: () => void = () => undefined;
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
  hasRef(): boolean {
    return true;
  }
}

type Run = (...given: unknown[]) => void;

function timers(scheduler: Scheduler) {
  const once = (run: Run, ms = 0, ...given: unknown[]): VirtualTimer => {
    const timer = new VirtualTimer();
    timer.cancel = scheduler.after(ms, () => run(...given));
    return timer;
  };
  const again = (run: Run, ms = 0, ...given: unknown[]): VirtualTimer => {
    const timer = new VirtualTimer();
    const plan = (): void => {
      timer.cancel = scheduler.after(Math.max(1, ms), () => {
        plan();
        run(...given);
      });
    };
    plan();
    return timer;
  };
  const clear = (timer?: VirtualTimer): void => timer?.cancel();
  return {
    setTimeout: once,
    setInterval: again,
    setImmediate: (run: Run, ...given: unknown[]) => once(run, 0, ...given),
    clearTimeout: clear,
    clearInterval: clear,
    clearImmediate: clear,
  };
}
