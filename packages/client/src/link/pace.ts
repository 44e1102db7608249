import type { Clock } from '../clock.ts';
import { strangerCallsBurst, strangerCallsPerSecond, strangersCallsPerSecond, strangersIdleFactor } from './limits.ts';

/** How often the budgets are filled up, in milliseconds. */
const refillMs = 200;

/** Whether the requests of one link may be worked on. */
export interface Pace {
  /** Takes the place of one request. False: it waits until the link is called on. */
  take(): boolean;
  stop(): void;
}

/**
 * Slows peers that make work without paying. The strangers of a host have one budget for all their links, and those of all hosts together
 * have one too, from which hosts are filled up in turn. While nobody pays the budgets are larger.
 */
export interface StrangerPace {
  /**
   * @param free true for a peer that need not be slowed
   * @param callOn lets the link go on with what waits
   */
  join(host: string, free: () => boolean, callOn: () => void): Pace;
}

interface Waiter {
  waits: boolean;
  free(): boolean;
  callOn(): void;
}

interface Host {
  left: number;
  readonly links: Set<Waiter>;
}

/** @param busy true while somebody pays */
export function createStrangerPace(clock: Clock, busy: () => boolean): StrangerPace {
  const hosts = new Map<string, Host>();
  let planned = false;
  const refill = (): void => {
    planned = false;
    const factor = ((busy() ? 1 : strangersIdleFactor) * refillMs) / 1_000;
    let toGive = strangersCallsPerSecond * factor;
    for (const [name, host] of Array.from(hosts)) {
      const given = Math.min(toGive, strangerCallsPerSecond * factor, strangerCallsBurst - host.left);
      host.left += given;
      toGive -= given;
      callOn(host);
      // Whoever was given something is last the next time; who is gone and owes nothing is forgotten.
      const gone = host.links.size === 0 && host.left >= strangerCallsBurst;
      if (given > 0 || gone) hosts.delete(name);
      if (given > 0 && !gone) hosts.set(name, host);
    }
    if ([...hosts.values()].some(({ left }) => left < strangerCallsBurst)) plan();
  };
  const plan = (): void => {
    if (planned) return;
    planned = true;
    clock.after(refillMs, refill);
  };
  return {
    join(name, free, callOnLink) {
      const host = hosts.get(name) ?? { left: strangerCallsBurst, links: new Set<Waiter>() };
      const link: Waiter = { waits: false, free, callOn: callOnLink };
      hosts.set(name, host);
      host.links.add(link);
      return {
        take() {
          if (free()) return true;
          plan();
          link.waits = host.left < 1;
          if (!link.waits) host.left -= 1;
          return !link.waits;
        },
        stop() {
          host.links.delete(link);
          if (host.links.size === 0 && host.left >= strangerCallsBurst) hosts.delete(name);
        },
      };
    },
  };
}

/** Lets the waiting links of a host go on: who was called on last is last the next time. */
function callOn(host: Host): void {
  for (const link of [...host.links].filter(({ waits }) => waits)) {
    if (host.left < 1 && !link.free()) continue;
    link.waits = false;
    host.links.delete(link);
    host.links.add(link);
    link.callOn();
  }
}
