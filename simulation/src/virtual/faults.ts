import type { WriteVerdict } from './disk.ts';
import type { Fault } from '../plan/types.ts';
import { createRandom, type Random } from '../random.ts';
import type { Transit } from './stream.ts';

/** Decides for each message, write, dial and question whether one of the run's faults hits it. */
export interface Faults {
  transit(from: string, to: string): Transit;
  latency(from: string, to: string): number;
  noticeMs(name: string): number;
  refuses(from: string, to: string): boolean;
  atWrite(node: string): WriteVerdict;
  /** Milliseconds after which a question is delivered a second time; null: it is not. */
  duplicates(node: string): number | null;
  /** What happens before this answer of the node leaves; null: nothing. */
  atAnswer(node: string): AnswerFault | null;
  /** From here on faults happen, and messages and writes are counted. */
  begin(): void;
  /** Ends all faults. */
  end(): void;
  readonly over: boolean;
  /** Number of faults that took effect. */
  readonly hits: number;
}

export type AnswerFault = Extract<Fault, { kind: 'at-answer' }>;

interface State {
  readonly faults: readonly Fault[];
  readonly counts: Map<string, number>;
  over: boolean;
  hits: number;
  now(): number;
  hit(fault: Fault): void;
  randomOf(what: string): Random;
}

const whole: Pick<Transit, 'pieces' | 'dripMs' | 'cutAfter' | 'noticeMs'> = { pieces: 1, dripMs: 0, cutAfter: null, noticeMs: 0 };
const written: WriteVerdict = { what: 'ok', persisted: true, power: false, downMs: 0 };
const CUT_SHARE = { before: 0, part: 0.5, after: 1 } as const;

/** @param happened called for each fault that took effect */
export function createFaults(
  seed: number,
  faults: readonly Fault[],
  now: () => number,
  happened: (fault: Fault) => void,
): Faults {
  const randoms = new Map<string, Random>();
  const state: State = {
    faults,
    counts: new Map(),
    over: true,
    hits: 0,
    now,
    hit(fault) {
      state.hits += 1;
      happened(fault);
    },
    // Each direction has its own stream, so that removing a fault from one link does not change the timing of others.
    randomOf(what) {
      const random = randoms.get(what) ?? createRandom(`${seed}/${what}`);
      randoms.set(what, random);
      return random;
    },
  };
  return {
    latency: (from, to) => latency(state, from, to),
    noticeMs: (name) => (state.randomOf(`notice ${name}`).chance(0.3) ? 20_000 : state.randomOf(`notice ${name}`).next() * 50),
    transit: (from, to) => transit(state, from, to),
    refuses: (from, to) =>
      found(state, (one) => one.kind === 'refuse' && one.from === from && one.to === to && inWindow(state, one)) !== undefined,
    atWrite: (node) => atWrite(state, node),
    duplicates(node) {
      const nth = count(state, `ask ${node}`);
      const fault = found(state, (one) => one.kind === 'duplicate' && one.node === node && one.nth === nth);
      return fault?.kind === 'duplicate' ? fault.afterMs : null;
    },
    atAnswer(node) {
      const nth = count(state, `answer ${node}`);
      const fault = found(state, (one) => one.kind === 'at-answer' && one.node === node && one.nth === nth);
      return fault?.kind === 'at-answer' ? fault : null;
    },
    begin() {
      state.counts.clear();
      state.over = false;
    },
    end: () => void (state.over = true),
    get over() {
      return state.over;
    },
    get hits() {
      return state.hits;
    },
  };
}

function count({ counts }: State, what: string): number {
  const nth = (counts.get(what) ?? 0) + 1;
  counts.set(what, nth);
  return nth;
}

/** The first fault that matches, noted as having happened. */
function found({ over, faults, hit }: State, fits: (fault: Fault) => boolean): Fault | undefined {
  const fault = over ? undefined : faults.find(fits);
  if (fault !== undefined) hit(fault);
  return fault;
}

const inWindow = ({ now }: State, { at, ms }: { at: number; ms: number }): boolean => now() >= at && now() < at + ms;

function latency({ randomOf }: State, from: string, to: string): number {
  const random = randomOf(`latency ${from} ${to}`);
  return random.chance(0.05) ? random.between(50, 900) : random.next() * 20;
}

function transit(state: State, from: string, to: string): Transit {
  const nth = count(state, `message ${from} ${to}`);
  let made: Transit = { ...whole, latencyMs: latency(state, from, to) };
  for (const fault of state.over ? [] : state.faults) {
    if (!('from' in fault) || !('nth' in fault) || fault.from !== from || fault.to !== to || fault.nth !== nth) continue;
    state.hit(fault);
    if (fault.kind === 'stall') made = { ...made, latencyMs: made.latencyMs + fault.ms };
    if (fault.kind === 'drip') made = { ...made, pieces: fault.pieces, dripMs: fault.ms };
    if (fault.kind === 'cut') made = { ...made, cutAfter: CUT_SHARE[fault.how], noticeMs: fault.noticeMs };
  }
  return made;
}

function atWrite(state: State, node: string): WriteVerdict {
  const nth = count(state, `write ${node}`);
  const fault = found(state, (one) => 'node' in one && one.node === node && hitsWrite(state, one, nth));
  if (fault === undefined) return written;
  if (fault.kind === 'crash-at-write') return { ...fault, what: 'crash' };
  if (fault.kind === 'write-error') return { ...written, what: 'error', persisted: fault.persisted };
  return { ...written, what: 'full', persisted: false };
}

function hitsWrite(state: State, fault: Fault, nth: number): boolean {
  switch (fault.kind) {
    case 'crash-at-write':
      return fault.nth === nth;
    case 'write-error':
      return nth >= fault.nth && nth < fault.nth + fault.times;
    case 'full':
    case 'read-only':
      return inWindow(state, fault);
    default:
      return false;
  }
}
