import { createDirectory, createDiscovery, type Discovery, type LinkHandlers } from '@tributary/client';
import { networkOf } from '@tributary/proof';
import { parsePolicy, type Policy } from '@tributary/relay';
import { createOffers, createServe, openLedger, providerHandlers, type Ledger } from '@tributary/relay/testing';
import type { Announcement } from '@tributary/schemas';
import { createIndex, type SimIndex } from './goods.ts';
import type { Life } from './life.ts';
import { falseIdentity, networkNamed } from './liars/false-identity.ts';
import { lying } from './liars/provider-lies.ts';
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

export const addressOf = (at: number, peerId: string): string => `/ip4/52.20.30.${at + 1}/tcp/4001/p2p/${peerId}`;

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

/** Wires one process as `packages/relay/src/provider.ts` does, over the simulation's disk and network. */
export async function startProvider(
  world: World,
  { machine, life, shop, bootstrap }: { machine: Machine; life: Life; shop: Shop; bootstrap: () => string[] },
): Promise<RunningProvider> {
  const { keys, peerId } = shop.goods;
  const { now } = machine;
  const fault = (error: unknown): void => world.witness.note(`${shop.name} fault: ${String(error)}`);
  const { plant } = world;
  const files = machine.disk.ledger(life);
  const disk = plant?.ledgerDisk?.(files) ?? files;
  const options = { disk, network: networkOf(keys.owner.did), payee: keys.receipt.address, receiptKey: keys.receipt.privateKey, now, fault };
  const opened = await openLedger(options);
  const ledger = plant?.ledger?.(opened) ?? opened;
  const identity = shop.plan.lie === 'others-payee' ? falseIdentity(world.shelf, shop.at) : shop.goods.identity;
  const offers = await createOffers({ ledger: networkNamed(world.shelf, shop, ledger), receipt: keys.receipt, unit: 'credit', now });
  const id = shop.index.info().id;
  const serve = createServe({
    indexes: { find: (name) => (name === id ? { index: shop.index, policy: shop.policy, offers: offers.of(id) } : null) },
    ledger,
    receipt: keys.receipt,
    unit: 'credit',
    now,
    fault,
  });
  let leaving = false;
  const own = (): Announcement => {
    const shown = leaving || shop.index.visibility !== 'listed' ? null : offers.of(id).current();
    return { identity: identity.signed, addresses: [shop.address], offers: shown === null ? [] : [shown.signed] };
  };
  const directory = createDirectory(now, { linked: (peer) => node.linked(peer) });
  const visibleIndex = (name: string) => (name === id && shop.index.visibility === 'listed' ? shop.index : null);
  const honest = providerHandlers({ serve, directory, own, visibleIndex, isOwner: () => false, fault });
  const isCurrent = (offer: string): boolean => offers.of(id).current()?.hash === offer;
  const planted = plant?.handlers?.(honest, isCurrent) ?? honest;
  const handlers = watched(world, shop, dishonest(world, shop, planted, () => node.dropLinks()));
  const node: SimNode = world.network.host({ name: shop.name, peerId, address: shop.address }, life, handlers);
  const discovery = createDiscovery({ node, directory, addresses: async () => bootstrap(), own, now });
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

function dishonest(world: World, shop: Shop, honest: LinkHandlers, hangUp: () => void): LinkHandlers {
  const { lie } = shop.plan;
  if (lie === null) return honest;
  const { keys } = shop.goods;
  const random = createRandom(`${world.plan.seed}/lies ${shop.name}`);
  return lying(honest, lie, { random, network: networkOf(keys.owner.did), receiptKey: keys.receipt.privateKey, hangUp });
}

/** Notes what comes in and what goes out, and delivers an ask twice where a fault says so. */
function watched({ scheduler, witness, faults, clocks }: World, { name }: Shop, handlers: LinkHandlers): LinkHandlers {
  return {
    ...handlers,
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
