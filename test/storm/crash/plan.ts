import type { Random } from '../../fuzz/random.ts';
import { ROLES, type Role } from '../world/world.ts';

/** What one cycle of load, kills and restarts does. */
export interface Cycle {
  /** Time under load before the first kill, in milliseconds. */
  loadMs: number;
  /** Who is killed, in this order, and the pauses between. */
  kills: { role: Role; pauseMs: number }[];
  /** Time under load while they are dead. */
  deadMs: number;
  /** Who is killed again while it starts, and when: the provider after its admin socket answers, as it ingests then. */
  again: { role: Role; afterMs: number } | null;
  /** Time under load after all are ready. */
  tailMs: number;
}

const loadMsMax = 1_500;
const pauseMsMax = 120;
const deadMsMax = 400;
const againMsMax = 900;
const tailMsMax = 500;

/** The provider dies most often: its start ingests files. */
const FIRST: readonly Role[] = ['provider', 'provider', 'node', 'node', 'client'];

export function drawCycle(random: Random): Cycle {
  const first = random.pick(FIRST);
  const others = ROLES.filter((role) => role !== first && random.chance(0.25));
  const kills = [first, ...others].map((role) => ({ role, pauseMs: random.below(pauseMsMax) }));
  const again = random.chance(0.5) ? { role: random.pick(kills).role, afterMs: random.below(againMsMax) } : null;
  return {
    loadMs: 100 + random.below(loadMsMax),
    kills,
    deadMs: random.below(deadMsMax),
    again,
    tailMs: random.below(tailMsMax),
  };
}
