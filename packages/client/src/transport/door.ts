import { createLru } from '@tributary/proof';
import { nodeHostsKeptMax } from '../link/limits.ts';

export interface DoorLimits {
  /** Handshakes begun by one host: so many a second, after as many at once as `pending` allows. */
  readonly perSecond: number;
  /** Handshakes of one host at work. */
  readonly pending: number;
}

/** Who may begin a handshake: each costs more than the stranger who asks for it pays. */
export interface Door {
  /** False: turn it away. `ended` is to be called when the handshake succeeded or failed. */
  knock(host: string): { admitted: false } | { admitted: true; ended(): void };
}

/** @param now milliseconds; only differences count */
export function createDoor({ perSecond, pending }: DoorLimits, now: () => number): Door {
  const hosts = createLru<string, { left: number; at: number; pending: number }>(nodeHostsKeptMax);
  return {
    knock(host) {
      const time = now();
      const known = hosts.get(host) ?? { left: pending, at: time, pending: 0 };
      known.left = Math.min(pending, known.left + ((time - known.at) / 1_000) * perSecond);
      known.at = time;
      hosts.set(host, known);
      if (known.left < 1 || known.pending >= pending) return { admitted: false };
      known.left -= 1;
      known.pending += 1;
      let open = true;
      return {
        admitted: true,
        ended() {
          if (open) known.pending -= 1;
          open = false;
        },
      };
    },
  };
}
