import type { Clock } from '../clock.ts';
import {
  strangerCallsBurst,
  strangerCallsPerSecond,
  strangersCallsBurst,
  strangersCallsPerSecond,
  strangersIdleFactor,
} from './limits.ts';

/** How often the budgets are filled up, in milliseconds. */
const refillMs = 200;

/** Whether the requests of one link may be worked on. */
export interface Pace {
  /** Takes the place of one request. False: it waits until the link is called on. */
  take(): boolean;
  stop(): void;
}

/**
 * Slows peers that make work without paying (docs/spec/relay.md, Shares). A host has one budget for all its links, and
 * all hosts together have one too, so that neither many links nor many hosts give a stranger more. While nobody pays
 * the budgets fill up faster.
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
  /** What it may take of the common budget before it is the turn of others; bounded only while hosts wait. */
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
  /** Hosts that wait take turns, each its share of what there is; the one called on last is last the next time. */
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

/** Lets the waiting links of a host go on, in turn; one that has paid meanwhile goes on whatever is left. */
function callOnLinks(host: Host): void {
  for (const link of [...host.links].filter((one) => one.waits)) {
    if (Math.min(host.left, host.turn) < 1 && !link.free()) continue;
    link.waits = false;
    host.links.delete(link);
    host.links.add(link);
    link.callOn();
  }
}
