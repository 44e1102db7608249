import { createFaults, type AnswerFault } from '../virtual/faults.ts';
import { createLife, type Life } from '../virtual/life.ts';
import { createMachine } from './machine.ts';
import { createNetwork, type Network } from '../virtual/network.ts';
import type { Plan } from '../plan/types.ts';
import type { Plant } from './plants.ts';
import type { Scheduler } from '../virtual/scheduler.ts';
import type { Fixtures } from '../fixtures.ts';
import { createClientSetup, startClient, type ClientSetup, type RunningClient } from './sim-client.ts';
import { createProviderSetup, repriced, startProvider, type RunningProvider, type ProviderSetup } from './sim-provider.ts';
import type { Witness } from './witness.ts';
import type { Machine, World } from './types.ts';

/** A machine and its process, which may be down. */
export interface Station<Kept, Running extends { stop(): Promise<void> }> {
  readonly machine: Machine;
  readonly kept: Kept;
  /** Null while it is down. */
  running: Running | null;
  /** Stops the process as its owner would, and starts it again later. */
  restart(downMs: number): Promise<void>;
  /** Ends the process in the middle of its work. */
  kill(death: { power: boolean; downMs: number }): void;
  /** Starts the process now if it is down. */
  revive(): Promise<void>;
}

export type ProviderStation = Station<ProviderSetup, RunningProvider>;
export type ClientStation = Station<ClientSetup, RunningClient>;

export interface OpenWorld extends World {
  readonly providers: readonly ProviderStation[];
  readonly clients: readonly ClientStation[];
  station(name: string): ProviderStation | ClientStation | undefined;
  /** The result, or undefined after this many virtual milliseconds. */
  within<Result>(work: Promise<Result>, ms: number): Promise<Result | undefined>;
}

/** Sets up the machines of a plan. Nothing runs on them yet. */
export function createWorld(parts: {
  plan: Plan;
  fixtures: Fixtures;
  scheduler: Scheduler;
  witness: Witness;
  plant: Plant | null;
}): OpenWorld {
  const { plan, scheduler, witness } = parts;
  const faults = createFaults(
    plan.seed,
    plan.faults,
    () => scheduler.now,
    (fault) => witness.note(`fault ${JSON.stringify(fault)}`),
  );
  const clocks: World['clocks'] = new Map();
  const network = createNetwork(scheduler, faults);
  const station: OpenWorld['station'] = (name) => [...providers, ...clients].find(({ machine }) => machine.name === name);
  const atAnswer: World['atAnswer'] = async (name, peer) => {
    const fault = faults.atAnswer(name);
    const [provider, client] = [
      providers.find(({ kept }) => kept.name === name),
      clients.find(({ kept }) => kept.peerId === peer),
    ];
    if (fault !== null && provider && client) await strike(fault, { network, provider, client });
  };
  const world: World = { ...parts, clocks, faults, network, atAnswer };
  const providerSetups = plan.providers.map((_, at) => createProviderSetup(world, at));
  // The first provider is the bootstrap node. From it the nodes learn of each other.
  const bootstrap = () => providerSetups.slice(0, 1).map(({ address }) => address);
  const providers = providerSetups.map((providerSetup) =>
    createStation(world, providerSetup.name, providerSetup, (machine, life) =>
      startProvider(world, { machine, life, providerSetup, bootstrap: providerSetup.at === 0 ? () => [] : bootstrap }),
    ),
  );
  const clients = plan.clients.map((_, at) => {
    const clientSetup = createClientSetup(world, at);
    return createStation(world, clientSetup.name, clientSetup, (machine, life) =>
      startClient(world, { machine, life, clientSetup, bootstrap }),
    );
  });
  for (const { kept, machine } of clients) clocks.set(kept.peerId, machine.now);
  const within: OpenWorld['within'] = (work, ms) => Promise.race([work, scheduler.sleep(ms).then(() => undefined)]);
  return { ...world, providers, clients, within, station };
}

/** The price changes first: a dead provider changes nothing. */
async function strike(
  { what, reprice, power, downMs }: AnswerFault,
  { network, provider, client }: { network: Network; provider: ProviderStation; client: ClientStation },
): Promise<void> {
  const { kept, running } = provider;
  if (what === 'link-breaks') network.drop(kept.name, client.kept.name);
  if (what === 'client-dies') client.kill({ power, downMs });
  if (reprice) {
    kept.policy = repriced(kept);
    await running?.refresh().catch(() => undefined); // its disk may fail; the offer stays then
  }
  if (what === 'provider-dies') provider.kill({ power, downMs });
}

/** How long an owner waits before the next attempt to start a node. */
const reviveMs = 30_000;
/** How long an owner waits for a node to stop before it is killed. */
const stopMs = 60_000;

function createStation<Kept, Running extends { stop(): Promise<void> }>(
  world: World,
  name: string,
  kept: Kept,
  start: (machine: Machine, life: Life) => Promise<Running>,
): Station<Kept, Running> {
  const { witness, scheduler, network } = world;
  let starting: Promise<void> | null = null;
  let life = createLife();
  const die = (): void => {
    life.end();
    station.running = null;
    starting = null;
    network.drop(name);
  };
  const machine = createMachine(name, world, (death) => station.kill(death));
  const begin = async (): Promise<void> => {
    const own = createLife();
    life = own;
    try {
      const running = await start(machine, own);
      if (own.dead) return; // it died while it was starting
      station.running = running;
      witness.note(`${name} is up`);
    } catch (error) {
      if (own.dead) return;
      own.end();
      witness.note(`${name} does not start: ${String(error)}`);
      if (!world.faults.over) scheduler.after(reviveMs, () => void station.revive());
      else witness.violation(`${name} does not start on a healthy disk: ${String(error)}`);
    }
  };
  const station: Station<Kept, Running> = {
    machine,
    kept,
    running: null,
    async restart(downMs) {
      const { running } = station;
      if (running === null) return;
      witness.note(`${name} stops`);
      station.running = null;
      const own = life;
      await Promise.race([running.stop(), scheduler.sleep(stopMs)]).catch((error: unknown) =>
        witness.note(`${name} stops badly: ${String(error)}`),
      );
      if (own.dead) return;
      die();
      scheduler.after(downMs, () => void station.revive());
    },
    kill({ power, downMs }) {
      witness.note(`${name} dies${power ? ' by a power cut' : ''}`);
      die();
      if (power) machine.disk.powerCut();
      scheduler.after(downMs, () => void station.revive());
    },
    revive() {
      if (station.running !== null) return Promise.resolve();
      starting ??= begin().finally(() => (starting = null));
      return starting;
    },
  };
  return station;
}
