import { describe, expect, it } from 'vitest';
import { knownOffers, testProvider, type TestProvider } from '../discovery/announcements.suite.ts';
import { choose } from './choose.ts';
import { fanOutMax } from './limits.ts';
import type { KnownOffer, Providers } from './types.ts';

const [rivers, lakes, seas, brooks] = [1, 2, 3, 4].map(testProvider) as [TestProvider, TestProvider, TestProvider, TestProvider];

/** What a client knows now, and what a round of discovery adds. */
function providersOf(now: [TestProvider, string][], later: [TestProvider, string][] = [], allowed: TestProvider[] = []) {
  const offers: KnownOffer[] = [];
  const learn = (all: [TestProvider, string][]) => {
    for (const [owner, name] of all) offers.push(...knownOffers(owner.announce({ offers: [{ index: owner.index(name) }] })));
  };
  learn(now);
  const counts = { refreshes: 0 };
  const providers: Providers = {
    offers: () => offers,
    refresh: async () => {
      counts.refreshes += 1;
      learn(later);
    },
    link: () => Promise.reject(new Error('choosing dials nobody')),
    allowsFanOut: ({ identity }) => allowed.some(({ did }) => did === identity.did),
  };
  const chosen = async (index?: string) =>
    (await choose(index === undefined ? {} : { index }, providers)).map(({ offer }) => offer.index);
  return { chosen, counts };
}

describe('choosing an index', () => {
  it('by id and by name', async () => {
    const { chosen, counts } = providersOf([
      [rivers, 'rivers'],
      [lakes, 'lakes'],
    ]);
    expect(await chosen(rivers.index('rivers'))).toEqual([rivers.index('rivers')]);
    expect(await chosen('lakes')).toEqual([lakes.index('lakes')]);
    expect(counts.refreshes).toBe(0);
  });

  it('without a name when only one is known', async () => {
    expect(await providersOf([[rivers, 'rivers']]).chosen()).toEqual([rivers.index('rivers')]);
  });

  it('is an error that lists the candidates when two owners use the name', async () => {
    const { chosen } = providersOf([
      [rivers, 'maps'],
      [lakes, 'maps'],
    ]);
    const names = [rivers.index('maps'), lakes.index('maps')];
    await expect(chosen('maps')).rejects.toMatchObject({ code: 'INDEX_AMBIGUOUS' });
    for (const name of names) await expect(chosen('maps')).rejects.toThrow(name);
    expect(await chosen(names[1])).toEqual([names[1]]);
  });

  it('asks the network again before it gives up', async () => {
    const { chosen, counts } = providersOf([[rivers, 'rivers']], [[lakes, 'lakes']]);
    expect(await chosen('lakes')).toEqual([lakes.index('lakes')]);
    expect(counts.refreshes).toBe(1);
    await expect(chosen('lake')).rejects.toMatchObject({
      code: 'INDEX_NOT_OFFERED',
      message: expect.stringContaining(lakes.index('lakes')),
    });
  });

  it('says so when no provider is known at all', async () => {
    const { chosen, counts } = providersOf([]);
    await expect(chosen()).rejects.toMatchObject({ code: 'NO_PROVIDER' });
    await expect(chosen('rivers')).rejects.toMatchObject({ code: 'NO_PROVIDER' });
    expect(counts.refreshes).toBe(2);
  });
});

describe('a question without an index among several', () => {
  const four: [TestProvider, string][] = [
    [rivers, 'a'],
    [lakes, 'b'],
    [seas, 'c'],
    [brooks, 'd'],
  ];

  it('goes to nobody that the caller has not allowed', async () => {
    await expect(providersOf(four).chosen()).rejects.toMatchObject({ code: 'INDEX_AMBIGUOUS' });
  });

  it('goes to those allowed, up to the bound', async () => {
    const allowed = [rivers, lakes, seas];
    expect(allowed).toHaveLength(fanOutMax);
    const chosen = await providersOf(four, [], allowed).chosen();
    expect(chosen.toSorted()).toEqual([rivers.index('a'), lakes.index('b'), seas.index('c')].toSorted());
    await expect(providersOf(four, [], [...allowed, brooks]).chosen()).rejects.toMatchObject({ code: 'INDEX_AMBIGUOUS' });
  });
});
