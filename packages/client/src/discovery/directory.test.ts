import { beforeEach, describe, expect, it } from 'vitest';
import { HOUR_MS, START, testProvider } from './announcements.suite.ts';
import { createDirectory, type Directory } from './directory.ts';
import { hearsayPerPeerMax, knownProvidersMax, ownWordHoldsMs } from './limits.ts';

const rivers = testProvider(1);
const lakes = testProvider(2);
let now: number;
let directory: Directory;
beforeEach(() => {
  now = START + 1;
  directory = createDirectory(() => now);
});
const indexes = () => directory.offers().map(({ offer }) => offer.index);
const titles = () => directory.offers().map(({ offer }) => offer.card.title);
const card = (title: string) => ({ card: { ...riversOffer().card, title } });
const riversOffer = () => JSON.parse(rivers.announce({ offers: [{ index: rivers.index('a') }] }).offers[0]!.body);

describe('what a directory keeps', () => {
  it('is what a provider signed, with the hashes that tickets name', () => {
    const announcement = rivers.announce({ offers: [{ index: rivers.index('deltas') }, { index: rivers.index('canals') }] });
    expect(directory.learn(announcement, 'somebody')).toBe(true);
    expect(indexes()).toEqual([rivers.index('canals'), rivers.index('deltas')].toSorted());
    expect(directory.offers()[0]).toMatchObject({
      identity: { did: rivers.did, peerId: rivers.peerId },
      addresses: announcement.addresses,
      offer: { identity: directory.offers()[0]!.identityHash },
    });
    expect(directory.announcements()).toEqual([announcement]);
  });

  it.each([
    ['an identity that has expired', rivers.announce({ identity: { expiry: START } })],
    ['an identity of the future', rivers.announce({ identity: { issued: START + HOUR_MS } })],
    [
      'an identity that another key signed',
      { ...rivers.announce(), identity: { ...rivers.announce().identity, signature: lakes.announce().identity.signature } },
    ],
    ['an identity in the name of another', rivers.announce({ identity: { did: lakes.did } })],
    ['an identity that is no statement', { ...rivers.announce(), identity: { ...rivers.announce().identity, body: '{}' } }],
  ])('is not %s', (_, announcement) => {
    expect(directory.learn(announcement, rivers.peerId)).toBe(false);
    expect(directory.announcements()).toEqual([]);
  });

  it.each([
    ['has expired', { offers: [{ index: rivers.index('a'), expiry: START }] }],
    ['another key signed', { offers: [{ index: rivers.index('a') }], offerKey: new Uint8Array(32).fill(9) }],
    ['is for the index of another owner', { offers: [{ index: lakes.index('a') }] }],
    ['names another identity', { offers: [{ index: rivers.index('a'), identity: 'f'.repeat(64) }] }],
  ])('is no offer that %s', (_, announcement) => {
    const good = { index: rivers.index('good') };
    directory.learn(rivers.announce({ ...announcement, offers: [...announcement.offers] }), rivers.peerId);
    expect(indexes()).toEqual([]);
    directory.learn(rivers.announce({ offers: [good] }), rivers.peerId);
    expect(indexes()).toEqual([good.index]);
  });

  it('ends with its offers and with its identity', () => {
    directory.learn(rivers.announce({ identity: { expiry: START + 10 }, offers: [{ index: rivers.index('a') }] }), 'x');
    directory.learn(lakes.announce({ offers: [{ index: lakes.index('b'), expiry: START + 20 }] }), 'x');
    expect(indexes()).toHaveLength(2);
    now = START + 10;
    expect(indexes()).toEqual([lakes.index('b')]);
    expect(directory.announcements()).toHaveLength(1);
    now = START + 20;
    expect(indexes()).toEqual([]);
    expect(directory.announcements()).toEqual([]);
  });
});

describe('of two announcements', () => {
  it('the newer identity wins, whatever the order', () => {
    const older = rivers.announce({ offers: [{ index: rivers.index('old') }] });
    const newer = rivers.announce({ identity: { sequence: 2 }, offers: [{ index: rivers.index('new') }] });
    directory.learn(older, 'x');
    directory.learn(newer, 'x');
    expect(indexes()).toEqual([rivers.index('new')]);
    expect(directory.learn(older, rivers.peerId)).toBe(false);
    expect(indexes()).toEqual([rivers.index('new')]);
  });

  it('the newer offer for an index wins, and hearsay adds to what is known', () => {
    const index = rivers.index('a');
    directory.learn(rivers.announce({ offers: [{ index, issued: START + 1, ...card('new') }] }), 'x');
    directory.learn(
      rivers.announce({
        offers: [
          { index, ...card('old') },
          { index: rivers.index('b'), ...card('more') },
        ],
      }),
      'y',
    );
    expect(titles().toSorted()).toEqual(['more', 'new']);
  });

  it("the provider's own word replaces all that is known of it", () => {
    directory.learn(rivers.announce({ offers: [{ index: rivers.index('gone') }], addresses: ['/ip4/1.1.1.1/tcp/1/p2p/x'] }), 'x');
    directory.learn(rivers.announce({ offers: [{ index: rivers.index('kept') }] }), rivers.peerId);
    expect(indexes()).toEqual([rivers.index('kept')]);
    directory.learn(rivers.announce({ addresses: ['/ip4/6.6.6.6/tcp/6/p2p/x'] }), 'liar');
    expect(directory.offers()[0]!.addresses).toEqual(rivers.announce().addresses);
    directory.learn(rivers.announce(), rivers.peerId);
    expect(indexes()).toEqual([]);
  });
});

it('takes private offers from their own provider only, and passes them on to nobody', () => {
  const secret = rivers.announce({ offers: [{ index: rivers.index('diary'), visibility: 'private' }] });
  directory.learn(secret, 'somebody');
  expect(indexes()).toEqual([]);
  directory.learn(secret, rivers.peerId);
  expect(indexes()).toEqual([rivers.index('diary')]);
  expect(directory.announcements()).toEqual([]);
});

it('forgets a provider by its peer', () => {
  directory.learn(rivers.announce({ offers: [{ index: rivers.index('a') }] }), 'x');
  directory.learn(lakes.announce({ offers: [{ index: lakes.index('a') }] }), 'x');
  directory.forget(rivers.peerId);
  expect(indexes()).toEqual([lakes.index('a')]);
});

it('remembers a bounded number of providers, the newest', { timeout: 60_000 }, () => {
  directory.learn(rivers.announce({ offers: [{ index: rivers.index('a') }] }), 'x');
  for (let at = 1; at < knownProvidersMax; at += 1) directory.learn(testProvider(at + 10).announce(), `x${at % 8}`);
  expect(indexes()).toEqual([rivers.index('a')]);
  directory.learn(lakes.announce({ offers: [{ index: lakes.index('b') }] }), 'x');
  expect(indexes()).toEqual([lakes.index('b')]);
});

describe('hearsay', () => {
  it('of one peer is bounded, and never pushes out who speaks for himself', () => {
    directory.learn(rivers.announce({ offers: [{ index: rivers.index('a') }] }), rivers.peerId);
    const heard = Array.from({ length: hearsayPerPeerMax + 1 }, (_, at) =>
      directory.learn(testProvider(100 + at).announce(), 'gossip'),
    );
    expect(heard.filter(Boolean)).toHaveLength(hearsayPerPeerMax);
    expect(heard.at(-1)).toBe(false);
    expect(indexes()).toEqual([rivers.index('a')]);
  });

  it('does not bring back what a provider has just withdrawn itself', () => {
    const listed = rivers.announce({ offers: [{ index: rivers.index('a') }] });
    directory.learn(listed, rivers.peerId);
    directory.learn(rivers.announce(), rivers.peerId);
    expect(directory.learn(listed, 'gossip')).toBe(false);
    expect(indexes()).toEqual([]);
    now += ownWordHoldsMs;
    expect(directory.learn(listed, 'gossip')).toBe(true); // it has been silent for long: others may know more
    expect(indexes()).toEqual([rivers.index('a')]);
  });

  it('of this node itself is not kept', () => {
    const own = createDirectory(() => now, rivers.peerId);
    expect(own.learn(rivers.announce({ offers: [{ index: rivers.index('a') }] }), 'gossip')).toBe(false);
    expect(own.announcements()).toEqual([]);
  });

  it('does not move a provider elsewhere: where it is reached it says itself', () => {
    const own = rivers.announce({ offers: [{ index: rivers.index('a') }], addresses: ['/ip4/127.0.0.1/tcp/1/p2p/peer-1'] });
    directory.learn(own, rivers.peerId);
    directory.learn({ ...own, addresses: ['/ip4/127.0.0.1/tcp/666/p2p/peer-1'] }, 'gossip');
    expect(directory.offers()[0]!.addresses).toEqual(own.addresses);
  });
});
