import { createDirectory, createDiscovery, type Discovery, type LinkHandlers } from '@tributary/client';
import { networkOf } from '@tributary/proof/payment';
import { parsePolicy, type Policy } from '@tributary/relay';
import { createOffers, createServe, openLedger, providerHandlers, type Ledger, type OfferBook } from '@tributary/relay/testing';
import type { Announcement } from '@tributary/schemas';
import { createIndex, type SimIndex } from './goods.ts';
import type { Life } from './life.ts';
import { falseIdentity, networkNamed } from './liars/false-identity.ts';
import { isChained } from './liars/catalogue.ts';
import { lying, type LieTools } from './liars/provider-lies.ts';
import type { SimNode } from './network.ts';
import type { ProviderPlan } from './plan-types.ts';
import { createRandom } from './random.ts';
import type { Goods } from './shelf.ts';
import { requestHashOf } from './witness.ts';
import type { Machine, World } from './world-types.ts';

/** What a provider keeps over its restarts, beside its disk: the index, which this simulation does not damage, and the owner's will. */
export interface Shop {
  readonly name: string;
  readonly at: number;
  readonly plan: ProviderPlan;
  readonly goods: Goods;
  readonly index: SimIndex;
  readonly address: string;
  policy: Policy;
}

/** One process of a provider. */
export interface RunningProvider {
  readonly ledger: Ledger;
  readonly node: SimNode;
  readonly discovery: Discovery;
  /** What the intervals of a provider do. */
  refresh(): Promise<void>;
  prune(): Promise<void>;
  stop(): Promise<void>;
}

const addressOf = (at: number, peerId: string): string => `/ip4/52.20.30.${at + 1}/tcp/4001/p2p/${peerId}`;

export function createShop(world: World, at: number): Shop {
  const goods = world.shelf.providers[at]!;
  const plan = world.plan.providers[at]!;
  const random = createRandom(`${world.plan.seed}/index p${at}`);
  const index = createIndex(goods, () => world.scheduler.sleep(random.next() * 5));
  return { name: `p${at}`, at, plan, goods, index, address: addressOf(at, goods.peerId), policy: policyOf(plan) };
}

export function policyOf(plan: ProviderPlan, price = plan.price): Policy {
  const { credit, maxInFlight, exposurePerChannel } = plan;
  return parsePolicy(JSON.stringify({ price, credit, maxInFlight, exposurePerChannel, topK: 10 }), 'simulation');
}

/** Ledger entries between two checkpoints: few, so that runs have some. */
const checkpointEntries = 6;

/** What starting one process of a provider takes. */
interface Start {
  readonly machine: Machine;
  readonly life: Life;
  readonly shop: Shop;
  bootstrap(): string[];
}

/** Wires one process as `packages/relay/src/provider.ts` does, over the simulation's disk and network. */
export async function startProvider(world: World, start: Start): Promise<RunningProvider> {
  const { machine, shop } = start;
  const { now } = machine;
  const { receipt } = shop.goods.keys;
  const fault = (error: unknown): void => world.witness.note(`${shop.name} fault: ${String(error)}`);
  const ledger = await openBooks(world, start, fault);
  const identity = shop.plan.lie === 'others-payee' ? falseIdentity(world.shelf, shop.at) : shop.goods.identity;
  const offers = await createOffers({ ledger: networkNamed(world.shelf, shop, ledger), receipt, unit: 'credit', now });
  const id = shop.index.info().id;
  const served = (name: string) => (name === id ? { index: shop.index, policy: shop.policy, offers: offers.of(id) } : null);
  const serve = createServe({ indexes: { find: served }, ledger, receipt, unit: 'credit', now, fault });
  let leaving = false;
  const own = (): Announcement => {
    const shown = leaving || shop.index.visibility !== 'listed' ? null : offers.of(id).current();
    return { identity: identity.signed, addresses: [shop.address], offers: shown === null ? [] : [shown.signed] };
  };
  const { node, discovery } = joinNetwork(world, start, { serve, own, offers: offers.of(id), fault });
  const refresh = async (): Promise<void> => {
    await offers.update({ identity: identity.hash, index: shop.index.info(), policy: shop.policy });
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

async function openBooks({ plant }: World, { machine, life, shop }: Start, fault: (error: unknown) => void): Promise<Ledger> {
  const { keys } = shop.goods;
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

interface Market {
  readonly serve: ReturnType<typeof createServe>;
  readonly offers: OfferBook;
  own(): Announcement;
  fault(error: unknown): void;
}

function joinNetwork(world: World, { machine, life, shop, bootstrap }: Start, { serve, own, offers, fault }: Market) {
  const { now } = machine;
  const { peerId } = shop.goods;
  const directory = createDirectory(now, { linked: (peer) => node.linked(peer) });
  const visibleIndex = (name: string) =>
    name === shop.index.info().id && shop.index.visibility === 'listed' ? shop.index : null;
  const honest = providerHandlers({ serve, directory, own, visibleIndex, isOwner: () => false, fault });
  const planted = world.plant?.handlers?.(honest, (offer) => offers.current()?.hash === offer) ?? honest;
  const handlers = watched(
    world,
    shop,
    dishonest(world, shop, planted, () => node.dropLinks()),
  );
  const node: SimNode = world.network.host({ name: shop.name, peerId, address: shop.address }, life, handlers);
  return { node, discovery: createDiscovery({ node, directory, addresses: async () => bootstrap(), own, now }) };
}

function dishonest(world: World, shop: Shop, honest: LinkHandlers, hangUp: () => void): LinkHandlers {
  const { lie } = shop.plan;
  if (lie === null) return honest;
  const { keys } = shop.goods;
  const random = createRandom(`${world.plan.seed}/lies ${shop.name}`);
  const told: LieTools['told'] = ({ head, peer }, answer) => {
    // After its books were taken over, a receipt that was missing may come late: what it says of others is old, and costs nothing.
    if (!isChained(lie) || !world.witness.resyncs.has(`${shop.name} ${peer}`)) world.witness.lied(head.ticketId, answer);
  };
  return lying(honest, lie, {
    random,
    network: networkOf(keys.owner.did),
    receiptKey: keys.receipt.privateKey,
    told,
    hangUp,
  });
}

/** Notes what comes in and what goes out, and delivers an ask twice where a fault says so. */
function watched({ scheduler, witness, faults, clocks }: World, { name }: Shop, handlers: LinkHandlers): LinkHandlers {
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
      const buyerNow = clocks.get(ask.peer)?.() ?? 0;
      if (head.payment !== null)
        witness.asked({ provider: name, peer: ask.peer, requestHash, head: { ...head, payment: head.payment }, buyerNow });
      const again = faults.duplicates(name);
      if (again !== null) {
        const copy = { ...ask, body: Uint8Array.from(ask.body) };
        scheduler.after(again, () => void handlers.ask(copy).then((outcome) => witness.answered(name, outcome, requestHash)));
      }
      const outcome = await handlers.ask(ask);
      witness.answered(name, outcome, requestHash);
      return outcome;
    },
  };
}
