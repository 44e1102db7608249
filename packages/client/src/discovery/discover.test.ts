import { afterEach, describe, expect, it, vi } from 'vitest';
import { ClientError } from '../errors.ts';
import { directoryHandlers } from '../handlers.ts';
import { createLink } from '../link/link.ts';
import { memoryStreamPair } from '../link/memory-stream.ts';
import type { Link } from '../link/types.ts';
import type { Announcement } from '@tributary/schemas';
import { START, testProvider } from './announcements.suite.ts';
import { createDirectory } from './directory.ts';
import { createDiscovery, exchange } from './discover.ts';
import { discoveryIntervalMs, discoveryPeersMax, discoveryPeerTimeoutMs } from './limits.ts';

const rivers = testProvider(1);
const lakes = testProvider(2);
const riversOffers = rivers.announce({ offers: [{ index: rivers.index('rivers') }] });
const lakesOffers = lakes.announce({ offers: [{ index: lakes.index('lakes') }] });
const now = () => START + 1;

/** A node's part in discovery; `meet` gives the link over which it asks `peer`. */
function participant(peerId: string, own: Announcement | null = null) {
  const directory = createDirectory(now);
  return { peerId, directory, own: () => own, handlers: directoryHandlers(directory, () => own) };
}
function meet(asking: ReturnType<typeof participant>, asked: ReturnType<typeof participant>): Link {
  const [here, there] = memoryStreamPair();
  createLink(there, { handlers: asked.handlers, peer: asking.peerId });
  return createLink(here, { handlers: asking.handlers, peer: asked.peerId });
}
const known = ({ directory }: ReturnType<typeof participant>) => directory.offers().map(({ offer }) => offer.index);

describe('an exchange', () => {
  it('tells the peer what this node offers, and learns what the peer offers and has heard', async () => {
    const provider = participant(rivers.peerId, riversOffers);
    const hub = participant('hub');
    const asker = participant('asker');
    await exchange(provider, meet(provider, hub));
    expect(known(hub)).toEqual([rivers.index('rivers')]);
    const second = participant(lakes.peerId, lakesOffers);
    await exchange(second, meet(second, hub));
    expect(known(second)).toContain(rivers.index('rivers'));
    await exchange(asker, meet(asker, hub));
    expect(known(asker).toSorted()).toEqual([lakes.index('lakes'), rivers.index('rivers')].toSorted());
    await exchange(asker, meet(asker, provider));
    expect(known(asker)).toHaveLength(2);
  });

  it('passes over what the peer says about others without proof', async () => {
    const forged = { ...riversOffers, identity: { ...riversOffers.identity, signature: lakesOffers.identity.signature } };
    const liar = participant('liar', forged);
    const asker = participant('asker');
    await exchange(asker, meet(asker, liar));
    expect(known(asker)).toEqual([]);
  });
});

describe('a round', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Discovery of a node that reaches its peers over memory streams. */
  function discoveryOf(addresses: string[], dial: (target: string, asker: ReturnType<typeof participant>) => Promise<Link>) {
    const asker = participant('asker');
    const dialled: string[] = [];
    const node = {
      peerId: asker.peerId,
      dial: (target: string) => {
        dialled.push(target);
        return dial(target, asker);
      },
    };
    const discovery = createDiscovery({ ...asker, node, addresses: async () => addresses });
    return { asker, dialled, discovery };
  }
  const unreachable = () => Promise.reject(new ClientError('LINK_CLOSED', 'nobody there'));

  it('asks every address once, the neighbours of neighbours in the next, and bears with those who do not answer', async () => {
    const hub = participant('hub');
    hub.directory.learn(riversOffers, rivers.peerId);
    const { asker, dialled, discovery } = discoveryOf(['/hub', '/gone', '/hub', '/p2p/asker'], async (target, self) =>
      target === '/hub' ? meet(self, hub) : unreachable(),
    );
    await Promise.all([discovery.round(), discovery.round()]);
    expect(dialled).toEqual(['/hub', '/gone']);
    expect(known(asker)).toEqual([rivers.index('rivers')]);
    await discovery.round();
    expect(dialled.slice(2)).toEqual(['/hub', '/gone', riversOffers.addresses[0]]);
  });

  it('asks a bounded number of peers', async () => {
    const many = Array.from({ length: discoveryPeersMax + 5 }, (_, at) => `/peer-${at}`);
    const { dialled, discovery } = discoveryOf(many, unreachable);
    await discovery.round();
    expect(dialled).toHaveLength(discoveryPeersMax);
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

  it('comes again and again until stopped', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const { dialled, discovery } = discoveryOf(['/gone'], unreachable);
    discovery.start();
    discovery.start();
    await vi.advanceTimersByTimeAsync(discoveryIntervalMs);
    await discovery.round();
    const rounds = dialled.length;
    expect(rounds).toBeGreaterThanOrEqual(1);
    discovery.stop();
    expect(vi.getTimerCount()).toBe(0);
  });
});
