import { expect, it } from 'vitest';
import type { Providers } from '../discovery/types.ts';
import { knownOffers, START, testProvider } from '../testing/announcements.ts';
import { query } from './query.ts';
import type { QueryContext, Question } from './types.ts';

const price = { base: '1', perResult: '10', perKiB: '0', empty: '0' };
const owners = [1, 2, 3].map(testProvider);
const offers = owners.flatMap((owner) => knownOffers(owner.announce({ offers: [{ index: owner.index('rivers'), price }] })));
const stopped = new Error('stopped before anything is signed');

/** What each index may cost, as the purse of a question is told before anything is signed. */
async function parts(question: Question): Promise<bigint[]> {
  const providers: Providers = {
    embeddings: () => [],
    offers: () => offers,
    refresh: async () => undefined,
    link: () => Promise.reject(new Error('nobody is asked')),
    allowsFanOut: () => true,
  };
  const context = {
    providers,
    wallet: null,
    embed: null,
    verifier: { headSize: () => 0 },
    trust: null,
    allowed: () => true,
    owner: null,
    now: () => START,
    randomBytes: (length: number) => new Uint8Array(length),
  } as unknown as QueryContext;
  let told: bigint[] = [];
  const admit = async (all: { most: bigint }[]) => {
    told = all.map(({ most }) => most);
    throw stopped;
  };
  const purse = { mostLocked: () => null, admit, signed: () => expect.unreachable('something was signed') };
  await expect(query(question, context, { purse })).rejects.toBe(stopped);
  return told;
}

it('a question to several paid indexes pays each only for its share of the results that are shown', async () => {
  expect(await parts({ text: 'floods', topK: 7 })).toEqual([31n, 21n, 21n]);
  expect(await parts({ text: 'floods', topK: 7, index: owners[0]!.index('rivers') })).toEqual([71n]);
});
