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
  openLocalWallet,
} from '@tributary/client/testing';
import { networkOf } from '@tributary/proof/payment';
import type { Life } from './life.ts';
import { lyingLink } from './liars/buyer-lies.ts';
import type { SimNode } from './network.ts';
import type { Plant } from './plants.ts';
import type { BuyerPlan } from './plan-types.ts';
import { createRandom, type Random } from './random.ts';
import type { Machine, World } from './world-types.ts';

/** What a buyer keeps over its restarts, beside its disk. */
export interface Purse {
  readonly name: string;
  readonly at: number;
  readonly plan: BuyerPlan;
  readonly voucherKey: Uint8Array;
  /** Address of the voucher key. */
  readonly payer: string;
  readonly peerId: string;
  readonly random: Random;
  /** Heads of logs are on a disk of their own, which this simulation does not damage. */
  readonly heads: HeadStore;
}

/** One process of a buyer. */
export interface RunningBuyer {
  readonly client: Client;
  readonly wallet: Wallet;
  readonly directory: Directory;
  readonly discovery: Discovery;
  stop(): Promise<void>;
}

export function createPurse(world: World, at: number): Purse {
  const { voucherKey, payer, peerId } = world.shelf.buyers[at]!;
  const random = createRandom(`${world.plan.seed}/buyer b${at}`);
  return { name: `b${at}`, at, plan: world.plan.buyers[at]!, voucherKey, payer, peerId, random, heads: memoryHeads() };
}

/** Wires one process as `packages/client/src/open-client.ts` does, over the simulation's disk and network. */
export async function startBuyer(
  world: World,
  { machine, life, purse, bootstrap }: { machine: Machine; life: Life; purse: Purse; bootstrap: () => string[] },
): Promise<RunningBuyer> {
  const { now } = machine;
  const { random, voucherKey, peerId, name, plan } = purse;
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
  const address = `/ip4/52.20.40.${purse.at + 1}/tcp/4001/p2p/${peerId}`;
  const honest = world.network.host({ name, peerId, address }, life, handlers);
  const node: SimNode = plan.lie === null ? plantedNode(honest, plant) : lyingNode(world, purse, honest);
  const discovery = createDiscovery({ node, directory, addresses: async () => bootstrap(), own: () => null, now });
  const providers = createProviders({ node, directory, discovery, allowed: () => false });
  const verifier = createVerifier({ heads: purse.heads, now });
  const clock = { after: world.scheduler.after };
  const context = {
    owner: null,
    providers,
    wallet,
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

function lyingNode(world: World, { plan, random, voucherKey }: Purse, node: SimNode): SimNode {
  const lies = new WeakMap<Link, Link>();
  const networks = new Map(
    world.shelf.providers.map(({ peerId, keys }): [string, ReturnType<typeof networkOf>] => [peerId, networkOf(keys.owner.did)]),
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
