import { clockSkewMs } from '@tributary/proof';
import { answerKeepMs } from '@tributary/store';
import { describe, expect, it } from 'vitest';
import { ZERO_HASH } from '@tributary/proof/primitives';
import { handClock, indexIdOf, ledgerOptions, NETWORK, PAYEE, RECEIPT_KEY, START_MS } from '../testing/ledger-fixture.ts';
import { memoryDisk } from '../../test/support/memory-disk.ts';
import { openLedger } from '../payments/open-ledger.ts';
import { createOffers } from './offers.ts';
import { defaultPolicy } from '../policy/policy.ts';
import { offerLifetimeMs, offersKeptMax } from './limits.ts';
import type { OfferFacts } from './make-offer.ts';

const id = indexIdOf('docs');
const facts = (change: Partial<OfferFacts['policy']> = {}, records = 5): OfferFacts => ({
  identity: ZERO_HASH,
  index: {
    id,
    visibility: 'listed',
    title: 'Docs',
    description: '',
    licence: 'CC-BY-4.0',
    records,
    model: { id: 'none' },
    modelDigest: ZERO_HASH,
    dimension: 8,
    metric: 'cosine',
    vectors: 'dense',
    questions: [],
  },
  policy: { ...defaultPolicy(), price: { base: '2', perResult: '3', perKiB: '5', empty: '0' }, ...change },
});

async function setUp() {
  const clock = handClock();
  const disk = memoryDisk();
  const options = { receipt: { privateKey: RECEIPT_KEY, address: PAYEE }, unit: 'credit', now: clock.now };
  const start = async (receipt = options.receipt) => {
    const ledger = await openLedger({ ...ledgerOptions, disk, now: clock.now });
    return createOffers({ ...options, receipt, ledger });
  };
  return { clock, start, offers: await start() };
}

describe('offers', () => {
  it('makes one offer for the same facts, whoever asks, and a new one when the index has grown', async () => {
    const { offers } = await setUp();
    const [a, b] = await Promise.all([offers.update(facts()), offers.update(facts())]);
    expect(b).toBe(a);
    expect(offers.of(id).current()).toBe(a);
    expect((await offers.update(facts({}, 6))).offer.card.records).toBe(6);
    // topK 100 results of 64 KiB would be 6,400 KiB, but no answer is longer than 4 MiB: 2 + 100 * 3 + 4096 * 5.
    expect(a.offer).toMatchObject({ maxCharge: '20782', issued: START_MS, expiry: START_MS + offerLifetimeMs, network: NETWORK });
    expect((await offers.update(facts({ topK: 2 }))).offer.maxCharge).toBe(String(2 + 2 * 3 + 128 * 5));
  });

  it('names the languages of the model, none where its card does not say', async () => {
    const { offers } = await setUp();
    expect((await offers.update(facts())).offer.card.languages).toEqual([]);
    const known = { ...facts(), index: { ...facts().index, model: { id: 'm', languages: ['en', 'de'] } } };
    expect((await offers.update(known)).offer.card.languages).toEqual(['en', 'de']);
  });

  it('renews after half of its life and honours the older one until it expires, and for repeats a while longer', async () => {
    const { clock, offers } = await setUp();
    const first = await offers.update(facts());
    clock.advance(offerLifetimeMs / 2);
    const second = await offers.update(facts());
    expect(second.hash).not.toBe(first.hash);
    expect([offers.of(id).current()?.hash, offers.of(id).byHash(first.hash)]).toEqual([second.hash, first]);
    clock.advance(offerLifetimeMs);
    expect(offers.of(id).current()).toBeNull();
    clock.advance(answerKeepMs);
    await offers.update(facts());
    expect(offers.of(id).byHash(first.hash)).toBeNull();
  });

  it('makes a new one when the clock was ahead, because nobody accepts an offer of the future', async () => {
    const { clock, offers, start } = await setUp();
    const aheadMs = 2 * 86_400_000;
    clock.advance(aheadMs);
    const ahead = await offers.update(facts());
    clock.advance(-aheadMs);
    for (const book of [await start(), offers]) {
      expect(book.of(id).current()).toBeNull(); // it is not shown until the next look at the facts
      const { hash, offer } = await book.update(facts());
      expect(offer.issued).toBe(START_MS);
      expect(book.of(id).current()?.hash).toBe(hash);
      expect(book.of(id).byHash(ahead.hash)).toBeNull();
    }
    clock.advance(aheadMs);
    expect(offers.of(id).current()).toBeNull(); // nor when its day has come
  });

  it('shows and honours one that is ahead by no more than clients accept', async () => {
    const { clock, offers } = await setUp();
    clock.advance(clockSkewMs);
    const ahead = await offers.update(facts());
    clock.advance(-clockSkewMs);
    expect(offers.of(id).current()).toBe(ahead);
    clock.advance(-1);
    expect(offers.of(id).current()).toBeNull();
  });

  it('honours after a restart what was offered before, but not what another key signed', async () => {
    const { clock, offers, start } = await setUp();
    const cheap = await offers.update(facts());
    clock.advance(1);
    const dear = await offers.update(facts({ price: { base: '9', perResult: '9', perKiB: '9', empty: '0' } }));
    const again = await start();
    expect(again.of(id).byHash(cheap.hash)).toEqual(cheap);
    expect(again.of(id).current()?.hash).toBe(dear.hash);
    expect((await start({ privateKey: RECEIPT_KEY, address: `0x${'1'.repeat(40)}` })).of(id).byHash(cheap.hash)).toBeNull();
  });

  it('bounds how many offers an owner is bound by', async () => {
    const { offers } = await setUp();
    for (let topK = 1; topK <= offersKeptMax; topK += 1) await offers.update(facts({ topK }));
    await expect(offers.update(facts({ topK: 999 }))).rejects.toMatchObject({ code: 'OVERLOADED' });
    expect(offers.of(id).current()?.offer.limits.topK).toBe(offersKeptMax);
  });
});
