import { readEmbeddingOffer } from '@tributary/proof/payment';
import { readIdentity } from '@tributary/proof/statements';
import type { EmbeddingOffer, Trust } from '@tributary/schemas';
import { expect, test } from 'vitest';
import type { KnownEmbeddingOffer, Providers } from '../discovery/types.ts';
import { memoryFaults } from '../faults/fault-store.ts';
import { testProvider } from '../testing/announcements.ts';
import { chooseSeller } from './choose-seller.ts';
import { splitTexts } from './split-texts.ts';

const owners = [1, 2, 3].map(testProvider);
const model = (digit = 'a', id = 'm') => ({ id, digest: digit.repeat(64), dimension: 2, maxTokens: 9, languages: [] });

function offered(owner: number, changes: Partial<EmbeddingOffer>): KnownEmbeddingOffer {
  const { identity: signedIdentity, offers, addresses } = owners[owner]!.announce({ embeddings: [changes] });
  const { identity, hash } = readIdentity(signedIdentity);
  const { offer, hash: offerHash } = readEmbeddingOffer(offers[0]!, { identity, hash });
  return { signedIdentity, identity, identityHash: hash, addresses, signedOffer: offers[0]!, offer, offerHash };
}

const dear = offered(0, { model: model(), price: { base: '9', perText: '1', perKiB: '0' } });
const cheap = offered(1, { model: model(), price: { base: '1', perText: '2', perKiB: '0' } });
const other = offered(2, { model: model('b') });

function contextOf(known: KnownEmbeddingOffer[], more: { allowed?: string[]; trust?: Trust; left?: string[] } = {}) {
  let refreshed = 0;
  const providers: Providers = {
    offers: () => [],
    embeddings: () => known,
    refresh: async () => void (refreshed += 1),
    link: () => Promise.reject(new Error('nobody is asked')),
    allowsFanOut: () => false,
  };
  const faults = { ...memoryFaults(), has: (did: string) => more.left?.includes(did) ?? false };
  const { allowed } = more;
  return {
    providers,
    trust: more.trust ?? null,
    allowed: allowed === undefined ? null : (did: string) => allowed.includes(did),
    checks: { faults },
    refreshed: () => refreshed,
  };
}
const trustOf = (did: string): Trust => ({
  v: 1,
  type: 'tributary/trust',
  signers: [],
  logs: [did],
  payees: [],
  witnesses: [],
  quorum: 0,
});

test('the cheapest seller of a model is asked, by the price of these very texts', async () => {
  const context = contextOf([dear, cheap]);
  expect(await chooseSeller({ model: 'm', texts: ['a'] }, context)).toBe(cheap);
  expect(await chooseSeller({ model: 'm', texts: Array(20).fill('a') }, context)).toBe(dear);
  expect(context.refreshed()).toBe(0);
});

test('pinned owners come first, and who names allowed ones asks nobody else', async () => {
  const { did } = owners[0]!;
  expect(await chooseSeller({ model: 'm', texts: ['a'] }, contextOf([dear, cheap], { trust: trustOf(did) }))).toBe(dear);
  expect(await chooseSeller({ model: 'm', texts: ['a'] }, contextOf([dear, cheap], { allowed: [did] }))).toBe(dear);
  const nobody = chooseSeller({ model: 'm', texts: ['a'] }, contextOf([dear], { allowed: [] }));
  await expect(nobody).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND', message: expect.stringContaining('--allow') });
});

test('one name for two models is ambiguous until the digest is named; a seller that was left does not count', async () => {
  const context = contextOf([cheap, other]);
  await expect(chooseSeller({ model: 'm', texts: ['a'] }, context)).rejects.toMatchObject({ code: 'MODEL_AMBIGUOUS' });
  expect(await chooseSeller({ model: 'b'.repeat(64), texts: ['a'] }, context)).toBe(other);
  const left = contextOf([cheap, other], { left: [owners[1]!.did] });
  expect(await chooseSeller({ model: 'm', texts: ['a'] }, left)).toBe(other);
  const all = contextOf([cheap], { left: [owners[1]!.did] });
  await expect(chooseSeller({ model: 'm', texts: ['a'] }, all)).rejects.toThrow('gave false ones before');
  expect(all.refreshed()).toBe(1);
});

test('texts are cut into requests that the offer allows, in their order', () => {
  const limits = { texts: 3, textBytes: 10, requestsPerMinute: 0 };
  expect(splitTexts(['a', 'b', 'c', 'd'], { limits })).toEqual([['a', 'b', 'c'], ['d']]);
  expect(splitTexts(['éééé', 'ab', 'c'], { limits })).toEqual([['éééé', 'ab'], ['c']]);
  for (const wrong of [[], ['a', ''], ['\ud800'], ['a'.repeat(65_537)]])
    expect(() => splitTexts(wrong, { limits: { ...limits, textBytes: 100_000 } })).toThrow(
      expect.objectContaining({ code: 'INPUT_SHAPE' }),
    );
  expect(() => splitTexts(['éééééé'], { limits })).toThrow('text 0 has 12 bytes');
  // Each of these characters is six bytes long in a request.
  const escaped = '\u0001'.repeat(30_000);
  expect(splitTexts([escaped, escaped], { limits: { ...limits, textBytes: 100_000 } })).toHaveLength(2);
});
