import type { Offer, Trust } from '@tributary/schemas';
import { describe, expect, it } from 'vitest';
import { fanOutMax } from '../discovery/limits.ts';
import type { KnownOffer, Providers } from '../discovery/types.ts';
import { knownOffers, testProvider, type TestProvider } from '../testing/announcements.ts';
import { choose, type ChooseContext } from './choose.ts';

const [rivers, lakes, seas, brooks] = [1, 2, 3, 4].map(testProvider) as [TestProvider, TestProvider, TestProvider, TestProvider];

const NOBODY: Trust = { v: 1, type: 'tributary/trust', signers: [], logs: [], payees: [], witnesses: [], quorum: 0 };

/** The offers that a client knows now, and those that a round of discovery adds. */
function providersOf(
  now: [TestProvider, string][],
  later: [TestProvider, string][] = [],
  allowed: TestProvider[] = [],
  pinned: TestProvider[] = [],
) {
  const offers: KnownOffer[] = [];
  const learn = (all: [TestProvider, string][]) => {
    for (const [owner, name] of all) offers.push(...knownOffers(owner.announce({ offers: [{ index: owner.index(name) }] })));
  };
  learn(now);
  const counts = { refreshes: 0 };
  const providers: Providers = {
    embeddings: () => [],
    offers: () => offers,
    refresh: async () => {
      counts.refreshes += 1;
      learn(later);
    },
    link: () => Promise.reject(new Error('choosing dials nobody')),
    allowsFanOut: ({ identity }) => allowed.some(({ did }) => did === identity.did),
  };
  const context: ChooseContext = {
    providers,
    allowed: allowed.length > 0 ? (did) => allowed.some((one) => one.did === did) : null,
    trust: pinned.length > 0 ? { ...NOBODY, logs: pinned.map(({ did }) => did) } : null,
  };
  const chosen = async (index?: string) =>
    (await choose(index === undefined ? {} : { index }, context)).map(({ offer }) => offer.index);
  const learnOffer = (owner: TestProvider, offer: Partial<Offer> & { index: string }) =>
    void offers.push(...knownOffers(owner.announce({ offers: [offer] })));
  return { chosen, counts, learn: learnOffer };
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

  it('that a pinned owner offers, then an allowed one, whoever else uses the name', async () => {
    const maps: [TestProvider, string][] = [rivers, lakes, seas].map((owner) => [owner, 'maps']);
    expect(await providersOf(maps, [], [lakes]).chosen('maps')).toEqual([lakes.index('maps')]);
    expect(await providersOf(maps, [], [lakes], [seas]).chosen('maps')).toEqual([seas.index('maps')]);
    await expect(providersOf(maps, [], [lakes, rivers]).chosen('maps')).rejects.toMatchObject({ code: 'INDEX_AMBIGUOUS' });
    // A full id goes to the index that it names, pinned or not. The pins decide whether that is refused.
    expect(await providersOf(maps, [], [lakes], [seas]).chosen(rivers.index('maps'))).toEqual([rivers.index('maps')]);
  });

  it.each([
    ['', 'the name of the index is empty'],
    ['lkaes', "did you mean 'lakes'?"],
    ['rvers', "did you mean 'rivers'?"],
    ['oceans', "nobody offers the index 'oceans'; known: "],
    ['@', "nobody offers the index '@'"],
  ])('never falls back to all of them for a wrong name: %j', async (name, message) => {
    const { chosen } = providersOf(
      [
        [rivers, 'rivers'],
        [lakes, 'lakes'],
      ],
      [],
      [rivers, lakes],
    );
    await expect(chosen(name)).rejects.toMatchObject({ code: 'INDEX_NOT_OFFERED', message: expect.stringContaining(message) });
    const single = providersOf([[rivers, 'rivers']]);
    await expect(single.chosen(name)).rejects.toMatchObject({ code: 'INDEX_NOT_OFFERED' });
  });

  it('suggests the full id to a full id', async () => {
    const { chosen } = providersOf([[rivers, 'rivers']]);
    await expect(chosen(rivers.index('rivres'))).rejects.toThrow(`did you mean '${rivers.index('rivers')}'?`);
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

  it('goes to pinned owners only, and not to indexes with different units', async () => {
    expect(await providersOf(four, [], [lakes], [seas]).chosen()).toEqual([seas.index('c')]);
    const units = providersOf([], [], [rivers, lakes]);
    units.learn(rivers, { index: rivers.index('a'), unit: 'credit' });
    units.learn(lakes, { index: lakes.index('b'), unit: 'pence' });
    await expect(units.chosen()).rejects.toMatchObject({ code: 'INDEX_AMBIGUOUS' });
  });

  it('goes to those allowed, up to the bound', async () => {
    const allowed = [rivers, lakes, seas];
    expect(allowed).toHaveLength(fanOutMax);
    const chosen = await providersOf(four, [], allowed).chosen();
    expect(chosen.toSorted()).toEqual([rivers.index('a'), lakes.index('b'), seas.index('c')].toSorted());
    await expect(providersOf(four, [], [...allowed, brooks]).chosen()).rejects.toMatchObject({ code: 'INDEX_AMBIGUOUS' });
  });
});
