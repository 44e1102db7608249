import { afterEach, describe, expect, it, vi } from 'vitest';
import { ClientError } from '../errors.ts';
import { directoryHandlers, fittingOffers } from './handlers.ts';
import { createLink } from '../link/link.ts';
import { memoryStreamPair } from '../testing/memory-stream.ts';
import { manualClock } from '../testing/link-peers.ts';
import type { Link } from '../link/types.ts';
import type { Announcement } from '@tributary/schemas';
import { START, testProvider } from '../testing/announcements.ts';
import { createDirectory } from './directory.ts';
import { createDiscovery, exchange } from './discover.ts';
import {
  discoveryIntervalMs,
  discoveryPeersMax,
  discoveryPeerTimeoutMs,
  heardDialsMax,
  heardPauseMs,
  announcementHoldsMs,
} from './limits.ts';

const rivers = testProvider(1);
const lakes = testProvider(2);
const riversOffers = rivers.announce({ offers: [{ index: rivers.index('rivers') }] });
const lakesOffers = lakes.announce({ offers: [{ index: lakes.index('lakes') }] });
let time = START + 1;
const now = () => time;
const host = '127.0.0.1';

/** A node's part in discovery. `meet` returns the link over which it asks `peer`. */
function participant(peerId: string, own: Announcement | null = null) {
  const directory = createDirectory(now);
  return { peerId, directory, own: () => own, handlers: directoryHandlers(directory, () => own) };
}
type Participant = ReturnType<typeof participant>;
function meet(asking: Participant, asked: Participant): Link {
  const [here, there] = memoryStreamPair();
  createLink(there, { handlers: asked.handlers, peer: asking.peerId, host });
  return createLink(here, { handlers: asking.handlers, peer: asked.peerId, host });
}
const known = ({ directory }: Participant) => directory.offers().map(({ offer }) => offer.index);

describe('an exchange', () => {
  it('tells both sides what the other offers, and gives the asking side addresses of others', async () => {
    const provider = participant(rivers.peerId, riversOffers);
    const hub = participant('hub');
    expect(await exchange(provider, meet(provider, hub))).toEqual(riversOffers.addresses);
    expect(known(hub)).toEqual([rivers.index('rivers')]);
    const second = participant(lakes.peerId, lakesOffers);
    expect(await exchange(second, meet(second, provider))).toEqual(lakesOffers.addresses);
    expect([known(second), known(provider)]).toEqual([[rivers.index('rivers')], [lakes.index('lakes')]]);
    const asker = participant('asker');
    expect(await exchange(asker, meet(asker, hub))).toEqual(riversOffers.addresses);
    expect(known(asker)).toEqual([]); // a peer can name an address, never an offer
  });

  it('keeps the addresses that the peer may name, each checked on its own', async () => {
    const liar = participant('liar');
    const told = [
      7,
      'x'.repeat(600),
      '/ip4/192.168.1.1/tcp/22/p2p/x',
      '/dns4/localhost/tcp/22/p2p/x',
      '/ip4/8.8.8.8/tcp/4001/p2p/good',
    ];
    liar.handlers.call = async (method) => (method === 'peers' ? { addresses: told } : { announcement: null });
    const asker = participant('asker');
    expect(await exchange(asker, meet(asker, liar))).toEqual(['/ip4/8.8.8.8/tcp/4001/p2p/good']);
  });
});

describe('a round', () => {
  afterEach(() => {
    vi.useRealTimers();
    time = START + 1;
  });

  /** Discovery of a node that reaches its peers over memory streams. */
  function discoveryOf(
    addresses: string[],
    dial: (target: string, asker: Participant) => Promise<Link>,
    { clock = undefined as ReturnType<typeof manualClock>['clock'] | undefined, own = null as Announcement | null } = {},
  ) {
    const asker = participant('asker', own);
    const dialled: string[] = [];
    const links = new Map<string, Link>();
    const node = {
      peerId: asker.peerId,
      links: () => [...links.values()].filter(({ isOpen }) => isOpen),
      linked: (peer: string) => links.get(peer)?.isOpen ?? false,
      dial: async (target: string) => {
        const open = [...links.values()].find(
          (link) => link.isOpen && (target === link.peer || target.endsWith(`/${link.peer}`)),
        );
        if (open) return open;
        dialled.push(target);
        const link = await dial(target, asker);
        links.set(link.peer, link);
        return link;
      },
    };
    const options = { ...asker, node, addresses: async () => addresses, now, ...(clock ? { clock } : {}) };
    return { asker, dialled, links, discovery: createDiscovery(options) };
  }
  const unreachable = () => Promise.reject(new ClientError('LINK_CLOSED', 'nobody there'));
  /** A hub that got `provider`'s own announcement. */
  async function hubOf(provider = riversOffers, from = rivers.peerId) {
    const hub = participant('hub');
    await hub.directory.hear(provider, { peer: from, host });
    return hub;
  }

  it('contacts the given nodes once, then those they name, and tolerates those that do not answer', async () => {
    const hub = await hubOf();
    const provider = participant(rivers.peerId, riversOffers);
    const { asker, dialled, discovery } = discoveryOf(['/p2p/hub', '/gone', '/p2p/hub', '/p2p/asker'], async (target, self) =>
      target === '/p2p/hub' ? meet(self, hub) : target === riversOffers.addresses[0] ? meet(self, provider) : unreachable(),
    );
    await Promise.all([discovery.round(), discovery.round()]);
    expect(dialled).toEqual(['/p2p/hub', '/gone', riversOffers.addresses[0]]);
    expect(known(asker)).toEqual([rivers.index('rivers')]);
  });

  it('contacts linked peers again, however long its rounds had paused', async () => {
    const hub = await hubOf();
    const provider = participant(rivers.peerId, riversOffers);
    const { asker, discovery } = discoveryOf(['/p2p/hub'], async (target, self) =>
      meet(self, target === '/p2p/hub' ? hub : provider),
    );
    await discovery.round();
    time += announcementHoldsMs;
    expect(known(asker)).toEqual([]);
    await discovery.round();
    expect(known(asker)).toEqual([rivers.index('rivers')]);
  });

  it('contacts a peer on a link that came too late for its round', async () => {
    const hub = await hubOf();
    const provider = participant(rivers.peerId, riversOffers);
    const { asker, links, discovery } = discoveryOf(['/p2p/hub'], async (target, self) =>
      target === '/p2p/hub' ? meet(self, hub) : unreachable(),
    );
    await discovery.round();
    links.set(rivers.peerId, meet(asker, provider));
    time += heardPauseMs;
    await hub.directory.hear(riversOffers, { peer: rivers.peerId, host });
    await discovery.round();
    expect(known(asker)).toEqual([rivers.index('rivers')]);
  });

  it('leaves addresses that do not answer alone for longer and longer', async () => {
    const hub = await hubOf();
    const { dialled, discovery } = discoveryOf(['/p2p/hub'], async (target, self) =>
      target === '/p2p/hub' ? meet(self, hub) : unreachable(),
    );
    const tries = () => dialled.filter((target) => target === riversOffers.addresses[0]).length;
    const counts: number[] = [];
    for (const pause of [0, heardPauseMs - 1, 1, 2 * heardPauseMs - 1, 1]) {
      time += pause;
      await hub.directory.hear(riversOffers, { peer: rivers.peerId, host });
      await discovery.round();
      counts.push(tries());
    }
    expect(counts).toEqual([1, 1, 2, 2, 3]);
  });

  it('leaves them alone no longer when the clock is set back', async () => {
    const hub = await hubOf();
    const { dialled, discovery } = discoveryOf(['/p2p/hub'], async (target, self) =>
      target === '/p2p/hub' ? meet(self, hub) : unreachable(),
    );
    await discovery.round();
    time -= 1;
    await hub.directory.hear(riversOffers, { peer: rivers.peerId, host });
    await discovery.round();
    expect(dialled.filter((target) => target === riversOffers.addresses[0])).toHaveLength(2);
  });

  it('dials a bounded number of addresses, some from each peer that named them', async () => {
    const many = Array.from({ length: discoveryPeersMax + 5 }, (_, at) => `/peer-${at}`);
    const given = discoveryOf(many, unreachable);
    await given.discovery.round();
    expect(given.dialled).toHaveLength(discoveryPeersMax);
    const liar = participant('liar');
    const lies = Array.from({ length: 60 }, (_, at) => `/ip4/8.8.8.8/tcp/${at + 1}/p2p/x${at}`);
    liar.handlers.call = async (method) => (method === 'peers' ? { addresses: lies } : { announcement: null });
    const hub = await hubOf();
    const heard = discoveryOf(['/p2p/liar', '/p2p/hub'], async (target, self) =>
      target === '/p2p/liar' ? meet(self, liar) : target === '/p2p/hub' ? meet(self, hub) : unreachable(),
    );
    await heard.discovery.round();
    expect(heard.dialled).toHaveLength(2 + heardDialsMax);
    expect(heard.dialled).toContain(riversOffers.addresses[0]);
  });

  it('gives up on a peer in time, and leaves no timer behind when it answers sooner', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
    const silent = discoveryOf(['/silent'], () => new Promise(() => undefined));
    const round = silent.discovery.round();
    await vi.advanceTimersByTimeAsync(discoveryPeerTimeoutMs);
    await round;
    const quick = discoveryOf(['/gone'], unreachable);
    await quick.discovery.round();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('repeats its rounds until stopped; stopping says goodbye', async () => {
    const { clock, advance, pending } = manualClock();
    const hub = participant('hub');
    const { dialled, discovery } = discoveryOf(
      ['/gone', '/p2p/hub'],
      (target, self) => (target === '/gone' ? unreachable() : Promise.resolve(meet({ ...self, peerId: rivers.peerId }, hub))),
      { clock, own: riversOffers },
    );
    discovery.start();
    discovery.start();
    await advance(discoveryIntervalMs);
    await discovery.round();
    expect(known(hub)).toEqual([rivers.index('rivers')]);
    await advance(discoveryIntervalMs);
    expect(dialled.filter((target) => target === '/gone').length).toBeGreaterThanOrEqual(2);
    await discovery.stop();
    expect(known(hub)).toEqual([]);
    expect(pending()).toBe(0);
  });
});

it('a provider with more offers than one announcement holds tells as many as it holds', { timeout: 60_000 }, async () => {
  const index = rivers.index('a');
  const card = { ...JSON.parse(rivers.announce({ offers: [{ index }] }).offers[0]!.body).card, description: 'x'.repeat(2_048) };
  const said = rivers.announce({ offers: Array.from({ length: 300 }, (_, at) => ({ index: rivers.index(`n${at}`), card })) });
  const fitted = { ...said, offers: fittingOffers(said.offers) };
  expect(fitted.offers.length).toBeGreaterThan(100);
  const [provider, hub] = [participant(rivers.peerId, fitted), participant('hub')];
  await exchange(provider, meet(provider, hub));
  expect(known(hub)).toHaveLength(fitted.offers.length);
});
