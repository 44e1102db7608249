import type { SimDisk } from '../virtual/disk.ts';
import type { Faults } from '../virtual/faults.ts';
import type { Network } from '../virtual/network.ts';
import type { Plan } from '../plan/types.ts';
import type { Plant } from './plants.ts';
import type { Scheduler } from '../virtual/scheduler.ts';
import type { Fixtures } from '../fixtures.ts';
import type { Witness } from './witness.ts';

/** What the nodes of one run share. */
export interface World {
  readonly plan: Plan;
  readonly fixtures: Fixtures;
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly faults: Faults;
  readonly witness: Witness;
  /** Clients' clocks by peer id. */
  readonly clocks: Map<string, () => number>;
  /** Applies the fault that is due, if any, when a provider has an answer for a peer that has not left yet. */
  atAnswer(provider: string, peer: string): Promise<void>;
  /** The planted bug; null: none. */
  readonly plant: Plant | null;
}

/** One machine. Its clock and disk outlive the processes on it. */
export interface Machine {
  readonly name: string;
  readonly disk: SimDisk;
  /** Unix milliseconds by this machine's clock. */
  now(): number;
  setClock(offsetMs: number): void;
}
