import type { Clock } from '../clock.ts';
import {
  strangerCallsBurst,
  strangerCallsPerSecond,
  strangersCallsBurst,
  strangersCallsPerSecond,
  strangersIdleFactor,
} from './limits.ts';

/** Interval at which the budgets are refilled, in milliseconds. */
const refillMs = 50;

/** Limits the requests of one link. */
export interface Pace {
  /** Takes one request from the budget. False: it must wait until `callOn`. */
  take(): boolean;
  stop(): void;
}

/**
 * Slows peers that cause work without paying (docs/spec/relay.md, Shares). All links of a host share one budget, and
 * all hosts together have one too, so that a stranger gains nothing with more links or hosts. While nobody pays the
 * budgets refill faster.
 */
export interface StrangerPace {
  /**
   * @param free true for a peer that need not be slowed
   * @param callOn lets the link continue with what waits
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
  /** What it may take of the common budget before others have their turn. Bounded only while hosts wait. */
  turn: number;
  readonly links: Set<Waiter>;
}

/** @param busy true while somebody pays */
export function createStrangerPace(clock: Clock, busy: () => boolean): StrangerPace {
  const hosts = new Map<string, Host>();
  const common = { left: strangersCallsBurst };
  let planned = false;

  const refill = (): void => {
    planned = false;
    const seconds = ((busy() ? 1 : strangersIdleFactor) * refillMs) / 1_000;
    common.left = Math.min(strangersCallsBurst, common.left + strangersCallsPerSecond * seconds);
    for (const [name, host] of Array.from(hosts)) {
      host.left = Math.min(strangerCallsBurst, host.left + strangerCallsPerSecond * seconds);
      if (host.links.size === 0 && host.left >= strangerCallsBurst) hosts.delete(name);
    }
    callOnHosts();
    if (common.left < strangersCallsBurst || [...hosts.values()].some(({ left }) => left < strangerCallsBurst)) plan();
  };
  /** Waiting hosts take turns, each with its share of the budget. The one served last starts last the next time. */
  const callOnHosts = (): void => {
    const waiting = Array.from(hosts).filter(([, host]) => waits(host));
    const share = Math.max(1, Math.floor(common.left / Math.max(1, waiting.length)));
    for (const [, host] of waiting) host.turn = 0;
    for (const [name, host] of waiting) {
      if (common.left >= 1) {
        hosts.delete(name);
        hosts.set(name, host);
        host.turn = share;
      }
      callOnLinks(host);
    }
    for (const [, host] of waiting) host.turn = waits(host) ? 0 : Infinity;
  };
  const plan = (): void => {
    if (planned) return;
    planned = true;
    clock.after(refillMs, refill);
  };

  return {
    join(name, free, callOn) {
      const host = hosts.get(name) ?? { left: strangerCallsBurst, turn: Infinity, links: new Set<Waiter>() };
      const link: Waiter = { waits: false, free, callOn };
      hosts.set(name, host);
      host.links.add(link);
      return {
        take() {
          if (free()) return true;
          plan();
          link.waits = Math.min(host.left, host.turn, common.left) < 1;
          if (link.waits) return false;
          host.left -= 1;
          host.turn -= 1;
          common.left -= 1;
          return true;
        },
        stop() {
          host.links.delete(link);
          if (host.links.size === 0 && host.left >= strangerCallsBurst) hosts.delete(name);
        },
      };
    },
  };
}

const waits = ({ links }: Host): boolean => [...links].some((link) => link.waits);

/** Lets the waiting links of a host continue, in turn. A link that has paid meanwhile continues whatever is left. */
function callOnLinks(host: Host): void {
  for (const link of [...host.links].filter((one) => one.waits)) {
    if (Math.min(host.left, host.turn) < 1 && !link.free()) continue;
    link.waits = false;
    host.links.delete(link);
    host.links.add(link);
    link.callOn();
  }
}
