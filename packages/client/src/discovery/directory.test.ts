import { networkOf } from '@tributary/proof/payment';
import { readIdentity } from '@tributary/proof/statements';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Announcement } from '@tributary/schemas';
import { HOUR_MS, START, testProvider, type TestProvider } from '../testing/announcements.ts';
import { createDirectory, type Directory } from './directory.ts';
import { announcementBytesMax, identityLifeMsMax, knownProvidersMax, offerLifeMsMax, announcementHoldsMs } from './limits.ts';

const rivers = testProvider(1);
const lakes = testProvider(2);
let now: number;
let verifications: number;
let linked: (peer: string) => boolean;
let directory: Directory;
beforeEach(() => {
  now = START + 1;
  verifications = 0;
  linked = () => true;
  const turn = async () => void (verifications += 1);
  directory = createDirectory(() => now, { linked: (peer) => linked(peer), turn });
});
const indexes = () => directory.offers().map(({ offer }) => offer.index);
const titles = () => directory.offers().map(({ offer }) => offer.card.title);
const says = (provider: TestProvider, announcement: Announcement | null, host = '127.0.0.1') =>
  directory.hear(announcement, { peer: provider.peerId, host });
const riversOffer = () => JSON.parse(rivers.announce({ offers: [{ index: rivers.index('a') }] }).offers[0]!.body);
const card = (title: string) => ({ card: { ...riversOffer().card, title } });
const one = (provider: TestProvider, name: string, changes: object = {}) =>
  provider.announce({ offers: [{ index: provider.index(name), ...changes }] });

describe('offers of embeddings', () => {
  const models = () => directory.embeddings().map(({ offer }) => offer.model.digest);
  const model = (digit: string) => ({ model: { id: 'm', digest: digit.repeat(64), dimension: 2, maxTokens: 9, languages: [] } });

  it('are kept beside those of indexes, the newest of each model', async () => {
    const embeddings = [model('a'), { ...model('a'), issued: START + 1, maxInFlight: 9 }, model('b')];
    await says(rivers, rivers.announce({ offers: [{ index: rivers.index('deltas') }], embeddings }));
    expect(indexes()).toEqual([rivers.index('deltas')]);
    expect(models()).toEqual(['a'.repeat(64), 'b'.repeat(64)]);
    expect(directory.embeddings()[0]!.offer.maxInFlight).toBe(9);
    await says(rivers, null);
    expect(models()).toEqual([]);
  });

  it('are dropped when they are of another identity, ledger, key, or too old', async () => {
    const wrong = [{ identity: '0'.repeat(64) }, { network: networkOf(lakes.did) }, { expiry: START + 1 }];
    await says(rivers, rivers.announce({ embeddings: [...wrong, model('a')] }));
    expect(models()).toEqual(['a'.repeat(64)]);
    await says(lakes, lakes.announce({ embeddings: [model('b')], offerKey: new Uint8Array(32).fill(9) }));
    expect(models()).toEqual(['a'.repeat(64)]);
  });

  it('make their provider known to others', async () => {
    await says(rivers, rivers.announce({ embeddings: [{}] }));
    expect(directory.addressesFor('127.0.0.1')).toHaveLength(1);
  });
});

describe('what a directory keeps', () => {
  it('is what a provider signed, with the hashes that tickets name', async () => {
    const announcement = rivers.announce({ offers: [{ index: rivers.index('deltas') }, { index: rivers.index('canals') }] });
    expect(await says(rivers, announcement)).toBe(true);
    expect(indexes()).toEqual([rivers.index('canals'), rivers.index('deltas')].toSorted());
    expect(directory.offers()[0]).toMatchObject({
      identity: { did: rivers.did, peerId: rivers.peerId },
      addresses: announcement.addresses,
      offer: { identity: directory.offers()[0]!.identityHash },
    });
  });

  it.each([
    ['an identity that has expired', rivers.announce({ identity: { expiry: START } })],
    ['an identity of the future', rivers.announce({ identity: { issued: START + HOUR_MS } })],
    ['an identity for years', rivers.announce({ identity: { expiry: START + 2 + identityLifeMsMax } })],
    [
      'an identity that another key signed',
      { ...rivers.announce(), identity: { ...rivers.announce().identity, signature: lakes.announce().identity.signature } },
    ],
    ['an identity in the name of another', rivers.announce({ identity: { did: lakes.did } })],
    [
      'an identity whose payee did not countersign it',
      rivers.announce({ identity: { payee: readIdentity(lakes.announce().identity).identity.payee } }),
    ],
    ['an identity that is no statement', { ...rivers.announce(), identity: { ...rivers.announce().identity, body: '{}' } }],
  ])('is not %s', async (_, announcement) => {
    await says(rivers, one(rivers, 'before'));
    expect(await says(rivers, announcement)).toBe(false);
    expect(indexes()).toEqual([rivers.index('before')]);
  });

  it.each([
    ['has expired', { expiry: START }],
    ['holds for years', { expiry: START + 2 + offerLifeMsMax }],
    ['is of the future', { issued: START + HOUR_MS }],
    ['another key signed', {}, new Uint8Array(32).fill(9)],
    ['is for the index of another owner', { index: lakes.index('a') }],
    ['names another identity', { identity: 'f'.repeat(64) }],
    ['is to be paid in the ledger of another provider', { network: networkOf(lakes.did) }],
  ])('is no offer that %s, and the others of its announcement are', async (_, changes, offerKey?: Uint8Array) => {
    const wrong = rivers.announce({ offers: [{ index: rivers.index('wrong'), ...changes }], ...(offerKey ? { offerKey } : {}) });
    const good = one(rivers, 'good');
    await says(rivers, { ...good, offers: [{ body: '{', signature: '' }, 7 as never, ...wrong.offers, ...good.offers] });
    expect(indexes()).toEqual([rivers.index('good')]);
  });

  it('ends with its offers and with its identity', async () => {
    await says(rivers, rivers.announce({ identity: { expiry: START + 10 }, offers: [{ index: rivers.index('a') }] }));
    await says(lakes, one(lakes, 'b', { expiry: START + 20 }));
    expect(indexes()).toHaveLength(2);
    now = START + 10;
    expect(indexes()).toEqual([lakes.index('b')]);
    now = START + 20;
    expect(indexes()).toEqual([]);
  });
});

describe('an announcement', () => {
  it('counts only for the peer that sends it', async () => {
    expect(await says(lakes, one(rivers, 'a'))).toBe(false);
    expect(indexes()).toEqual([]);
  });

  it('replaces everything that the peer announced before', async () => {
    await says(rivers, one(rivers, 'gone'));
    await says(rivers, one(rivers, 'kept', card('new')));
    expect([indexes(), titles()]).toEqual([[rivers.index('kept')], ['new']]);
    await says(rivers, rivers.announce());
    expect(indexes()).toEqual([]);
  });

  it('of an older identity does not come back', async () => {
    await says(rivers, rivers.announce({ identity: { sequence: 2 }, offers: [{ index: rivers.index('new') }] }));
    expect(await says(rivers, one(rivers, 'old'))).toBe(false);
    expect(indexes()).toEqual([rivers.index('new')]);
  });

  it('of an owner that moved is that of its newest identity, whichever arrives last', async () => {
    const moved = { ...rivers, peerId: 'elsewhere' };
    const identity = { sequence: 2, peerId: moved.peerId };
    await says(moved, rivers.announce({ identity, offers: [{ index: rivers.index('a'), ...card('moved') }] }));
    await says(rivers, one(rivers, 'a', card('old')));
    expect(titles()).toEqual(['moved']);
  });

  it('ends with a goodbye, after three silent rounds, or with the link', async () => {
    await says(rivers, one(rivers, 'a'));
    await says(lakes, one(lakes, 'b'));
    now += announcementHoldsMs - 1;
    await says(lakes, one(lakes, 'b'));
    expect(indexes()).toHaveLength(2);
    now += 1;
    expect(indexes()).toEqual([lakes.index('b')]);
    linked = (peer) => peer !== lakes.peerId;
    expect(indexes()).toEqual([]);
    linked = () => true;
    await says(lakes, null);
    expect(indexes()).toEqual([]);
  });
});

describe('a stranger', () => {
  it('with 300 offers in two announcements displaces nobody, and the second replaces the first', async () => {
    const many = (from: number) =>
      lakes.announce({ offers: Array.from({ length: 150 }, (_, at) => ({ index: lakes.index(`n${from + at}`) })) });
    await says(rivers, one(rivers, 'a'));
    await says(lakes, many(0));
    await says(lakes, many(150));
    expect(indexes().filter((index) => index !== rivers.index('a'))).toHaveLength(150);
    expect(directory.addressesFor('127.0.0.1')).toEqual([rivers, lakes].map((who) => who.announce().addresses[0]));
  });

  it('repeats its announcement at the cost of a comparison', async () => {
    const said = lakes.announce({ offers: Array.from({ length: 40 }, (_, at) => ({ index: lakes.index(`n${at}`) })) });
    await says(lakes, said);
    expect(verifications).toBe(41);
    for (let time = 0; time < 10; time += 1) await says(lakes, structuredClone(said));
    expect(verifications).toBe(41);
    await says(lakes, { ...said, offers: [...said.offers, ...one(lakes, 'more').offers] });
    expect([verifications, indexes().length]).toEqual([42, 41]);
  });

  it('cannot displace present providers, however many names it takes', { timeout: 60_000 }, async () => {
    await says(rivers, one(rivers, 'a'));
    for (let at = 0; at < knownProvidersMax + 8; at += 1) await says(testProvider(at + 10), testProvider(at + 10).announce());
    expect(indexes()).toEqual([rivers.index('a')]);
    expect(await says(lakes, one(lakes, 'b'))).toBe(false);
    linked = (peer) => peer === rivers.peerId || peer === lakes.peerId; // the other providers disconnect
    expect(await says(lakes, one(lakes, 'b'))).toBe(true);
    expect(indexes()).toHaveLength(2);
  });

  it('is held to a number of bytes', async () => {
    const fat = { card: { ...riversOffer().card, description: '€'.repeat(682), licence: '€'.repeat(341) } };
    const offers = Array.from({ length: 200 }, (_, at) => ({ index: lakes.index(`n${at}`), ...fat }));
    const said = lakes.announce({ offers });
    const bytes = said.offers.reduce((sum, { body }) => sum + Buffer.byteLength(body), 0);
    expect(bytes).toBeGreaterThan(announcementBytesMax);
    expect(await says(lakes, said)).toBe(false);
    expect(await says(lakes, { ...said, offers: said.offers.slice(0, 100) })).toBe(true);
  });

  it('that announces again while the last is being verified has only the newest verified', async () => {
    const turns: (() => void)[] = [];
    const slow = createDirectory(() => now, { turn: () => new Promise((resolve) => turns.push(resolve)) });
    const first = slow.hear(one(lakes, 'first'), { peer: lakes.peerId });
    const second = slow.hear(lakes.announce(), { peer: lakes.peerId });
    for (let turn = 0; turn < 6; turn += 1) {
      turns.shift()?.();
      await new Promise(setImmediate);
    }
    expect([await first, await second]).toEqual([false, true]);
    expect(slow.offers()).toEqual([]);
  });
});

describe('addresses', () => {
  const at = (host: string) => `/ip4/${host}/tcp/4001/p2p/${rivers.peerId}`;
  const reach = (host: string, from: string) => ({ addresses: [at(host)], host: from });

  it.each([
    [reach('127.0.0.1', '127.0.0.1'), 1],
    [reach('127.0.0.1', '8.8.8.8'), 0],
    [reach('192.168.1.7', '8.8.8.8'), 0],
    [reach('192.168.1.7', '192.168.1.9'), 1],
    [reach('8.8.4.4', '8.8.8.8'), 1],
  ])('count when they are public or in the range in which their peer is met: %o', async ({ addresses, host }, kept) => {
    await says(rivers, rivers.announce({ addresses, offers: [{ index: rivers.index('a') }] }), host);
    expect(directory.offers()[0]!.addresses).toHaveLength(kept);
  });

  it('are sent only to peers that may dial them, and only of providers with listed offers', async () => {
    await says(rivers, rivers.announce({ addresses: [at('127.0.0.1'), at('8.8.8.8')], offers: [{ index: rivers.index('a') }] }));
    await says(lakes, one(lakes, 'diary', { visibility: 'private' }));
    expect(indexes()).toContain(lakes.index('diary'));
    expect(directory.addressesFor('127.0.0.1')).toEqual([at('127.0.0.1')]);
    expect(directory.addressesFor('9.9.9.9')).toEqual([at('8.8.8.8')]);
  });
});
