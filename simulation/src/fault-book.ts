import type { WriteVerdict } from './disk.ts';
import type { Fault } from './plan-types.ts';
import { createRandom } from './random.ts';
import type { Passage } from './stream.ts';

/** Answers, for each message, write, dial and ask, whether one of the run's faults hits it. */
export interface FaultBook {
  passage(from: string, to: string): Passage;
  latency(from: string, to: string): number;
  noticeMs(name: string): number;
  refuses(from: string, to: string): boolean;
  atWrite(node: string): WriteVerdict;
  /** Milliseconds after which an ask is delivered once more; null: it is not. */
  duplicates(node: string): number | null;
  /** From here on faults happen, and messages and writes are counted. */
  begin(): void;
  /** Ends all faults. */
  end(): void;
  readonly over: boolean;
  /** Faults that took effect. */
  readonly hits: number;
}

const whole: Pick<Passage, 'pieces' | 'dripMs' | 'cutAfter' | 'noticeMs'> = { pieces: 1, dripMs: 0, cutAfter: null, noticeMs: 0 };
const written: WriteVerdict = { what: 'ok', persisted: true, power: false, downMs: 0 };
const CUT_SHARE = { before: 0, part: 0.5, after: 1 } as const;

/** @param happened is told of each fault that took effect */
export function createFaultBook(
  seed: number,
  faults: readonly Fault[],
  now: () => number,
  happened: (fault: Fault) => void,
): FaultBook {
  const counts = new Map<string, number>();
  const randoms = new Map<string, ReturnType<typeof createRandom>>();
  let [over, hits] = [true, 0];
  const count = (what: string): number => {
    const nth = (counts.get(what) ?? 0) + 1;
    counts.set(what, nth);
    return nth;
  };
  // Each direction has its own stream, so that a fault less on one link leaves the others' times as they were.
  const randomOf = (what: string) => {
    const random = randoms.get(what) ?? createRandom(`${seed}/${what}`);
    randoms.set(what, random);
    return random;
  };
  const hit = (fault: Fault): void => {
    hits += 1;
    happened(fault);
  };
  const inWindow = ({ at, ms }: { at: number; ms: number }): boolean => !over && now() >= at && now() < at + ms;
  const latency = (from: string, to: string): number => {
    const random = randomOf(`latency ${from} ${to}`);
    return random.chance(0.05) ? random.between(50, 900) : random.next() * 20;
  };
  return {
    latency,
    noticeMs: (name) => (randomOf(`notice ${name}`).chance(0.3) ? 20_000 : randomOf(`notice ${name}`).next() * 50),
    passage(from, to) {
      const nth = count(`message ${from} ${to}`);
      let passage: Passage = { ...whole, latencyMs: latency(from, to) };
      for (const fault of over ? [] : faults) {
        if (!('from' in fault) || !('nth' in fault) || fault.from !== from || fault.to !== to || fault.nth !== nth) continue;
        hit(fault);
        if (fault.kind === 'stall') passage = { ...passage, latencyMs: passage.latencyMs + fault.ms };
        if (fault.kind === 'drip') passage = { ...passage, pieces: fault.pieces, dripMs: fault.ms };
        if (fault.kind === 'cut') passage = { ...passage, cutAfter: CUT_SHARE[fault.how], noticeMs: fault.noticeMs };
      }
      return passage;
    },
    refuses(from, to) {
      const fault = faults.find((one) => one.kind === 'refuse' && one.from === from && one.to === to && inWindow(one));
      if (fault !== undefined) hit(fault);
      return fault !== undefined;
    },
    atWrite(node) {
      const nth = count(`write ${node}`);
      const fault = over ? undefined : faults.find((one) => 'node' in one && one.node === node && hitsWrite(one, nth, inWindow));
      if (fault === undefined) return written;
      hit(fault);
      if (fault.kind === 'crash-at-write') return { ...fault, what: 'crash' };
      if (fault.kind === 'write-error') return { ...written, what: 'error', persisted: fault.persisted };
      return { ...written, what: 'full', persisted: false };
    },
    duplicates(node) {
      const nth = count(`ask ${node}`);
      const fault = over ? undefined : faults.find((one) => one.kind === 'duplicate' && one.node === node && one.nth === nth);
      if (fault?.kind !== 'duplicate') return null;
      hit(fault);
      return fault.afterMs;
    },
    begin() {
      counts.clear();
      over = false;
    },
    end: () => void (over = true),
    get over() {
      return over;
    },
    get hits() {
      return hits;
    },
  };
}

function hitsWrite(fault: Fault, nth: number, inWindow: (window: { at: number; ms: number }) => boolean): boolean {
  switch (fault.kind) {
    case 'crash-at-write':
      return fault.nth === nth;
    case 'write-error':
      return nth >= fault.nth && nth < fault.nth + fault.times;
    case 'full':
    case 'read-only':
      return inWindow(fault);
    default:
      return false;
  }
}
