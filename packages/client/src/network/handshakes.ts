import { createLru } from '@tributary/proof/primitives';
import { nodeHandshakeBesidePaidPauseMs, nodeHandshakePauseMs, nodeHostsKeptMax } from './limits.ts';
import type { Clock } from '../clock.ts';

export interface HandshakeLimits {
  /** Handshakes that one host may start per second, after as many at once as `pending` allows. */
  readonly perSecond: number;
  /** Handshakes of one host in progress or waiting. */
  readonly pending: number;
}

/** Who may start a handshake, and when. Each costs this node more than the stranger that asks for it. */
export interface Handshakes {
  /** Null: refused. */
  ask(host: string): Handshake | null;
}

export interface Handshake {
  /**
   * Resolves when the handshake may start. Hosts take turns, so that a single newcomer does not wait behind a crowd.
   */
  readonly turn: Promise<void>;
  /** To be called when the handshake succeeded or failed, or the other end is gone. */
  ended(): void;
}

/**
 * @param now milliseconds; only differences count
 * @param busy true while somebody pays; newcomers then wait longer
 */
export function createHandshakes(
  { perSecond, pending }: HandshakeLimits,
  now: () => number,
  clock: Clock,
  busy: () => boolean,
): Handshakes {
  const hosts = createLru<string, { left: number; at: number; pending: number }>(nodeHostsKeptMax);
  const turns = takeTurns(clock, now, () =>
    busy()
      ? { pauseMs: nodeHandshakeBesidePaidPauseMs, atOnceMax: 1 }
      : { pauseMs: nodeHandshakePauseMs, atOnceMax: lateTurnsMax },
  );
  return {
    ask(host) {
      const time = now();
      const known = hosts.get(host) ?? { left: pending, at: time, pending: 0 };
      known.left = Math.min(pending, known.left + ((time - known.at) / 1_000) * perSecond);
      known.at = time;
      hosts.set(host, known);
      if (known.left < 1 || known.pending >= pending) return null;
      known.left -= 1;
      known.pending += 1;
      const waiter = { run: () => undefined as void, gone: false };
      return {
        turn: turns.wait(host, waiter),
        ended() {
          if (!waiter.gone) known.pending -= 1;
          waiter.gone = true;
        },
      };
    },
  };
}

interface Waiter {
  run: () => void;
  gone: boolean;
}

/** On a busy machine timers fire late. At most this many turns are made up for, and none while somebody pays. */
const lateTurnsMax = 4;

/** One turn at a time with a pause between, hosts in turn. The first turn after an idle time starts at once. */
function takeTurns(clock: Clock, now: () => number, pace: () => { pauseMs: number; atOnceMax: number }) {
  const queues = new Map<string, Waiter[]>();
  let paused = false;
  let pausedAt = 0;
  const pause = (): void => {
    paused = true;
    pausedAt = now();
    const { pauseMs } = pace();
    clock.after(pauseMs, () => {
      paused = false;
      const due = Math.floor((now() - pausedAt) / pauseMs);
      const { atOnceMax } = pace();
      for (let turn = 0; turn < Math.min(Math.max(due, 1), atOnceMax); turn += 1) next();
      if (queues.size > 0 && !paused) pause();
    });
  };
  const next = (): void => {
    for (const [host, waiting] of queues) {
      queues.delete(host);
      const at = waiting.findIndex(({ gone }) => !gone);
      const [waiter] = at < 0 ? [] : waiting.splice(0, at + 1).slice(-1);
      if (waiter === undefined) continue;
      if (waiting.length > 0) queues.set(host, waiting);
      if (!paused) pause();
      waiter.run();
      return;
    }
  };
  return {
    wait(host: string, waiter: Waiter): Promise<void> {
      if (!paused) {
        pause();
        return Promise.resolve();
      }
      return new Promise((resolve) => {
        waiter.run = resolve;
        const waiting = queues.get(host) ?? [];
        queues.set(host, waiting);
        waiting.push(waiter);
      });
    },
  };
}
