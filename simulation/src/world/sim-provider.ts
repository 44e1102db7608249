import { createDirectory, createDiscovery, type Discovery, type LinkHandlers } from '@tributary/client';
import { networkOf } from '@tributary/proof/payment';
import { parsePolicy, type Policy } from '@tributary/relay';
import { createOffers, createServe, openLedger, providerHandlers, type Ledger, type OfferBook } from '@tributary/relay/testing';
import type { Announcement, Offer } from '@tributary/schemas';
import { createIndex, type SimIndex } from './sim-index.ts';
import type { Life } from '../virtual/life.ts';
import { falseIdentity, networkNamed } from '../lies/false-identity.ts';
import { isChained } from '../plan/liars.ts';
import { lying, type LieTools } from '../lies/provider-lies.ts';
import type { SimNode } from '../virtual/network.ts';
import type { ProviderPlan } from '../plan/types.ts';
import { createRandom } from '../random.ts';
import type { ProviderFixtures } from '../fixtures.ts';
import { requestHashOf } from './witness.ts';
import type { Machine, World } from './types.ts';

/**
 * What a provider keeps across restarts besides its disk: the index, which this simulation does not damage, and the
 * owner's settings.
 */
export interface ProviderSetup {
  readonly name: string;
  readonly at: number;
  readonly plan: ProviderPlan;
  readonly fixtures: ProviderFixtures;
  readonly index: SimIndex;
  readonly address: string;
  policy: Policy;
}

/** One process of a provider. */
export interface RunningProvider {
  readonly ledger: Ledger;
  readonly node: SimNode;
  readonly discovery: Discovery;
  /** What the timers of a provider do. */
  refresh(): Promise<void>;
  prune(): Promise<void>;
  stop(): Promise<void>;
}

const addressOf = (at: number, peerId: string): string => `/ip4/52.20.30.${at + 1}/tcp/4001/p2p/${peerId}`;

export function createProviderSetup(world: World, at: number): ProviderSetup {
  const fixtures = world.fixtures.providers[at]!;
  const plan = world.plan.providers[at]!;
  const random = createRandom(`${world.plan.seed}/index p${at}`);
  const index = createIndex(fixtures, () => world.scheduler.sleep(random.next() * 5));
  return { name: `p${at}`, at, plan, fixtures, index, address: addressOf(at, fixtures.peerId), policy: policyOf(plan) };
}

export function policyOf(plan: ProviderPlan, price = plan.price): Policy {
  const { credit, maxInFlight, exposurePerChannel } = plan;
  return parsePolicy(JSON.stringify({ price, credit, maxInFlight, exposurePerChannel, topK: 10 }), 'simulation');
}

/** The price doubles, or is again as it was. */
export function repriced({ plan, policy }: ProviderSetup): Policy {
  const { base, ...rest } = plan.price;
  return policyOf(plan, { ...rest, base: policy.price.base === base ? String(BigInt(base) * 2n) : base });
}

/** Ledger entries between two checkpoints. Few, so that short runs have checkpoints. */
const checkpointEntries = 6;

/** What is needed to start one process of a provider. */
interface Start {
  readonly machine: Machine;
  readonly life: Life;
  readonly providerSetup: ProviderSetup;
  bootstrap(): string[];
}

/** Wires one process as `packages/relay/src/provider.ts` does, over the simulated disk and network. */
export async function startProvider(world: World, start: Start): Promise<RunningProvider> {
  const { machine, providerSetup } = start;
  const { now } = machine;
  const { receipt } = providerSetup.fixtures.keys;
  const fault = (error: unknown): void => world.witness.note(`${providerSetup.name} fault: ${String(error)}`);
  const ledger = await openBooks(world, start, fault);
  const identity =
    providerSetup.plan.lie === 'others-payee' ? falseIdentity(world.fixtures, providerSetup.at) : providerSetup.fixtures.identity;
  const offers = await createOffers({
    ledger: networkNamed(world.fixtures, providerSetup, ledger),
    receipt,
    unit: 'credit',
    now,
  });
  const id = providerSetup.index.info().id;
  const served = (name: string) =>
    name === id ? { index: providerSetup.index, policy: providerSetup.policy, offers: offers.of(id) } : null;
  const serve = createServe({ indexes: { find: served }, ledger, receipt, unit: 'credit', now, fault });
  let leaving = false;
  const own = (): Announcement => {
    const shown = leaving || providerSetup.index.visibility !== 'listed' ? null : offers.of(id).current();
    return { identity: identity.signed, addresses: [providerSetup.address], offers: shown === null ? [] : [shown.signed] };
  };
  const { node, discovery } = joinNetwork(world, start, { serve, own, offers: offers.of(id), fault });
  const refresh = async (): Promise<void> => {
    await offers.update({ identity: identity.hash, index: providerSetup.index.info(), policy: providerSetup.policy });
  };
  await refresh();
  return {
    ledger,
    node,
    discovery,
    refresh,
    prune: () => ledger.prune(),
    async stop() {
      leaving = true;
      await discovery.stop();
      await node.close();
      await serve.drain();
      await ledger.close();
    },
  };
}

async function openBooks(
  { plant }: World,
  { machine, life, providerSetup }: Start,
  fault: (error: unknown) => void,
): Promise<Ledger> {
  const { keys } = providerSetup.fixtures;
  const files = machine.disk.ledger(life);
  const ledger = await openLedger({
    disk: plant?.ledgerDisk?.(files) ?? files,
    network: networkOf(keys.owner.did),
    payee: keys.receipt.address,
    receiptKey: keys.receipt.privateKey,
    now: machine.now,
    fault,
    checkpointEvery: checkpointEntries,
  });
  return plant?.ledger?.(ledger) ?? ledger;
}

interface Serving {
  readonly serve: ReturnType<typeof createServe>;
  readonly offers: OfferBook<Offer>;
  own(): Announcement;
  fault(error: unknown): void;
}

function joinNetwork(world: World, { machine, life, providerSetup, bootstrap }: Start, { serve, own, offers, fault }: Serving) {
  const { now } = machine;
  const { peerId } = providerSetup.fixtures;
  const directory = createDirectory(now, { linked: (peer) => node.linked(peer) });
  const { index } = providerSetup;
  const visibleIndex = (id: string, mayRead: boolean) =>
    id === index.info().id && (mayRead || index.visibility === 'listed') ? index : null;
  const honest = providerHandlers({ serve, directory, own, visibleIndex, isOwner: () => false, now, fault });
  const planted = world.plant?.handlers?.(honest, (offer) => offers.current()?.hash === offer) ?? honest;
  const handlers = watched(
    world,
    providerSetup,
    dishonest(world, providerSetup, planted, () => node.dropLinks()),
  );
  const node: SimNode = world.network.host({ name: providerSetup.name, peerId, address: providerSetup.address }, life, handlers);
  return { node, discovery: createDiscovery({ node, directory, addresses: async () => bootstrap(), own, now }) };
}

function dishonest(world: World, providerSetup: ProviderSetup, honest: LinkHandlers, hangUp: () => void): LinkHandlers {
  const { lie } = providerSetup.plan;
  if (lie === null) return honest;
  const { keys } = providerSetup.fixtures;
  const random = createRandom(`${world.plan.seed}/lies ${providerSetup.name}`);
  const told: LieTools['told'] = ({ head, peer }, answer) => {
    // After a state was adopted, a missing receipt may still arrive late. What it says about others is old and costs
    // nothing.
    if (!isChained(lie) || !world.witness.resyncs.has(`${providerSetup.name} ${peer}`)) world.witness.lied(head.ticketId, answer);
  };
  return lying(honest, lie, {
    random,
    network: networkOf(keys.owner.did),
    receiptKey: keys.receipt.privateKey,
    told,
    hangUp,
  });
}

/** Notes what comes in and goes out, and delivers a question twice where a fault says so. */
function watched(
  { scheduler, witness, faults, clocks, atAnswer }: World,
  { name }: ProviderSetup,
  handlers: LinkHandlers,
): LinkHandlers {
  return {
    ...handlers,
    call(method, params, context) {
      const pair = `${name} ${context.peer}`;
      if (method === 'channelState') witness.resyncs.set(pair, (witness.resyncs.get(pair) ?? 0) + 1);
      return handlers.call(method, params, context);
    },
    async ask(ask) {
      const { head } = ask;
      const requestHash = requestHashOf(head, ask.body);
      const clientNow = clocks.get(ask.peer)?.() ?? 0;
      if (head.payment !== null)
        witness.asked({ provider: name, peer: ask.peer, requestHash, head: { ...head, payment: head.payment }, clientNow });
      const again = faults.duplicates(name);
      if (again !== null) {
        const copy = { ...ask, body: Uint8Array.from(ask.body) };
        scheduler.after(again, () => void handlers.ask(copy).then((outcome) => witness.answered(name, outcome, requestHash)));
      }
      const outcome = await handlers.ask(ask);
      witness.answered(name, outcome, requestHash);
      if ('receipt' in outcome) await atAnswer(name, ask.peer);
      return outcome;
    },
  };
}
