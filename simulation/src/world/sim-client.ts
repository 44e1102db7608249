import {
  createDirectory,
  createDiscovery,
  type Client,
  type Directory,
  type Discovery,
  type HeadStore,
  type Link,
  type Wallet,
} from '@tributary/client';
import {
  createClient,
  createProviders,
  createVerifier,
  directoryHandlers,
  memoryHeads,
  memoryRows,
  openKeptStore,
  openLocalWallet,
  type KeptRows,
} from '@tributary/client/testing';
import { networkOf } from '@tributary/proof/payment';
import type { Life } from '../virtual/life.ts';
import { lyingLink } from '../lies/client-lies.ts';
import type { SimNode } from '../virtual/network.ts';
import type { Plant } from './plants.ts';
import type { ClientPlan } from '../plan/types.ts';
import { createRandom, type Random } from '../random.ts';
import type { Machine, World } from './types.ts';

/** What a client keeps across restarts besides its disk. */
export interface ClientSetup {
  readonly name: string;
  readonly at: number;
  readonly plan: ClientPlan;
  readonly voucherKey: Uint8Array;
  /** Address of the voucher key. */
  readonly payer: string;
  readonly peerId: string;
  readonly random: Random;
  /** Heads of logs are on a separate disk, which this simulation does not damage. */
  readonly heads: HeadStore;
  /** Rows of kept answers, on that disk too. */
  readonly answers: KeptRows;
}

/** One process of a client. */
export interface RunningClient {
  readonly client: Client;
  readonly wallet: Wallet;
  readonly directory: Directory;
  readonly discovery: Discovery;
  stop(): Promise<void>;
}

export function createClientSetup(world: World, at: number): ClientSetup {
  const { voucherKey, payer, peerId } = world.fixtures.clients[at]!;
  const random = createRandom(`${world.plan.seed}/buyer b${at}`);
  return {
    name: `b${at}`,
    at,
    plan: world.plan.clients[at]!,
    voucherKey,
    payer,
    peerId,
    random,
    heads: memoryHeads(),
    answers: memoryRows(),
  };
}

/** Wires one process as `packages/client/src/open-client.ts` does, over the simulated disk and network. */
export async function startClient(
  world: World,
  {
    machine,
    life,
    clientSetup,
    bootstrap,
  }: { machine: Machine; life: Life; clientSetup: ClientSetup; bootstrap: () => string[] },
): Promise<RunningClient> {
  const { now } = machine;
  const { random, voucherKey, peerId, name, plan } = clientSetup;
  const { plant } = world;
  const known = createDirectory(now, { linked: (peer) => node.linked(peer) });
  const directory = plant?.directory?.(known) ?? known;
  const caps = { perCall: plan.perCall, perDay: plan.perDay, deposit: plan.deposit };
  const open = {
    directory: name,
    privateKey: voucherKey,
    caps: plant?.caps?.(caps) ?? caps,
    now,
    randomBytes: random.bytes,
    openDatabase: async () => plant?.walletRows?.(machine.disk.wallet(life)) ?? machine.disk.wallet(life),
  };
  const opened = await openLocalWallet(open);
  const wallet = plant?.wallet?.(opened) ?? opened;
  const handlers = directoryHandlers(directory, () => null);
  const address = `/ip4/52.20.40.${clientSetup.at + 1}/tcp/4001/p2p/${peerId}`;
  const honest = world.network.host({ name, peerId, address }, life, handlers);
  const node: SimNode = plan.lie === null ? plantedNode(honest, plant) : lyingNode(world, clientSetup, honest);
  const discovery = createDiscovery({ node, directory, addresses: async () => bootstrap(), own: () => null, now });
  const providers = createProviders({ node, directory, discovery, allowed: () => false });
  const verifier = createVerifier({ heads: clientSetup.heads, now });
  const kept = await openKeptStore({
    directory: name,
    now,
    open: async () => plant?.kept?.(clientSetup.answers) ?? clientSetup.answers,
  });
  const clock = { after: world.scheduler.after };
  const context = {
    owner: null,
    providers,
    wallet,
    kept: kept.of(null),
    embed: null,
    verifier,
    trust: null,
    allowed: null,
    clock,
    now,
    randomBytes: random.bytes,
  };
  return {
    client: createClient(context),
    wallet,
    directory,
    discovery,
    async stop() {
      await discovery.stop();
      await honest.close();
      await wallet.close();
    },
  };
}

function plantedNode(node: SimNode, plant: Plant | null): SimNode {
  const change = plant?.link;
  return change === undefined ? node : { ...node, dial: async (target) => change(await node.dial(target)) };
}

function lyingNode(world: World, { plan, random, voucherKey }: ClientSetup, node: SimNode): SimNode {
  const lies = new WeakMap<Link, Link>();
  const networks = new Map(
    world.fixtures.providers.map(({ peerId, keys }): [string, ReturnType<typeof networkOf>] => [
      peerId,
      networkOf(keys.owner.did),
    ]),
  );
  return {
    ...node,
    async dial(target) {
      const link = await node.dial(target);
      const network = networks.get(link.peer);
      if (network === undefined || plan.lie === null) return link;
      const lie = lies.get(link) ?? lyingLink(link, plan.lie, { random: random.fork('lies'), voucherKey, network });
      lies.set(link, lie);
      return lie;
    },
  };
}
