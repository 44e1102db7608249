import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { checkChannelState, recoverReceipt } from '@tributary/proof/payment';
import { readAnswer } from '@tributary/proof/statements';
import { ZERO_HASH } from '@tributary/proof/primitives';
import type { AskOutcome } from '../src/serve/types.ts';
import { codeOf, createConsumer, NETWORK, opening, PAYEE, payerOf } from './support/market.ts';
import { answered, money, openShelf, openShop, type Shelf, type Shop } from './support/shop.ts';

describe('serve: what the owner allows', () => {
  let shelf: Shelf;
  let shop: Shop;
  beforeAll(async () => {
    shelf = await openShelf();
  });
  beforeEach(async () => {
    shop = await openShop(shelf);
  });
  afterEach(async () => {
    await shop.close();
    expect(shop.faults).toEqual([]);
  });
  afterAll(() => shelf.close());

  it('enforces allow-list and rate as the policy says now', async () => {
    const alice = await shop.customer();
    await shop.setPolicy({ allow: [alice.payer.address] });
    const bob = await shop.customer('bob');
    expect([
      codeOf(await alice.ask(shop.question(1), { offer: shop.offer.hash })),
      codeOf(await bob.ask(shop.question(1))),
    ]).toEqual(['answered', 'NOT_ALLOWED']);
    await shop.setPolicy({ queriesPerMinute: 2 });
    const carol = await shop.customer('carol');
    const outcomes = [];
    for (const at of [1, 2, 3]) outcomes.push(await carol.ask(shop.question(at), { context: { peer: 'carol' } }));
    expect(outcomes.map(codeOf)).toEqual(['answered', 'answered', 'RATE_LIMITED']);
    expect(outcomes[2]).toMatchObject({
      refusal: { message: expect.stringContaining('in 30 seconds'), retryAfterMs: 30_000 },
    });
  });

  it('stops at the exposure cap before it searches: a refusal tells nothing of what the index holds', async () => {
    await shop.setPolicy({ exposurePerChannel: 4, exposurePerEpoch: 6, epochMs: 60_000 });
    const alice = await shop.customer();
    answered(await alice.ask(shop.question(0, 3)));
    const before = money(shop);
    const searches = shop.searches();
    const found = await alice.ask(shop.question(4, 3));
    const nothing = await alice.ask({ ...shop.question(4, 3), namespace: 'nothing here' });
    expect(nothing).toEqual(found);
    expect(found).toMatchObject({
      refusal: { code: 'EXPOSURE_CAP', message: expect.stringContaining('ask for at most 1'), retryAfterMs: null },
    });
    expect([money(shop), shop.searches()]).toEqual([before, searches]);
    answered(await alice.ask(shop.question(4, 1)));
    const bob = await shop.customer('bob');
    expect(await bob.ask(shop.question(8, 3))).toMatchObject({
      refusal: {
        code: 'EXPOSURE_CAP',
        message: expect.stringMatching(/2 are left.*next epoch begins in \d+ (second|minute)s?/),
        retryAfterMs: 60_000 - (shop.clock.now() % 60_000),
      },
    });
    shop.clock.advance(60_000);
    expect(codeOf(await bob.ask(shop.question(8, 3)))).toBe('answered');
    expect(shop.offer.offer.limits.topK).toBe(4);
  });

  it('shows questions at once no more than the cap, however they are timed', async () => {
    await shop.setPolicy({ exposurePerChannel: 5 });
    const alice = await shop.customer();
    const codes = (await Promise.all([0, 2, 4, 6].map((at) => alice.ask(shop.question(at, 2))))).map(codeOf);
    expect(codes).toEqual(['answered', 'answered', 'EXPOSURE_CAP', 'EXPOSURE_CAP']);
    expect(codeOf(await alice.ask(shop.question(4, 1)))).toBe('answered');
  });

  it('bounds answers that earn nothing by peer and by payer, and says when to come back', async () => {
    await shop.setPolicy({ unpaidPerMinute: 2 });
    const alice = await shop.customer();
    const nothing = { ...shop.question(1), namespace: 'nothing here' };
    const ask = (peer: string, what = nothing) => alice.ask(what, { context: { peer } });
    for (const at of [1, 2, 3, 4]) answered(await ask('p1', shop.question(at)));
    answered(await ask('p1'));
    answered(await ask('p2'));
    expect(await ask('p3')).toMatchObject({
      refusal: { code: 'RATE_LIMITED', message: expect.stringContaining('ask again in 30 seconds'), retryAfterMs: 30_000 },
    });
    const bob = await shop.customer('bob');
    expect(codeOf(await bob.ask(nothing, { context: { peer: 'p1' } }))).toBe('answered');
    expect(codeOf(await bob.ask(nothing, { context: { peer: 'p1' } }))).toBe('RATE_LIMITED');
    shop.clock.advance(30_000);
    expect(codeOf(await ask('p3', shop.question(5)))).toBe('answered');
  });

  it('honours an earlier offer until it expires', async () => {
    const alice = await shop.customer();
    await shop.setPolicy({ price: '1000' });
    expect(BigInt(answered(await alice.ask(shop.question(1))).receipt.charge)).toBeLessThan(100n);
    shop.clock.advance(shop.offer.offer.expiry - shop.clock.now());
    expect(codeOf(await alice.ask(shop.question(1)))).toBe('OFFER_UNKNOWN');
  });

  it('answers the owner free of charge and finds what is not sold for nobody else', async () => {
    const alice = await shop.customer();
    const ask = { ...shop.question(7, 10), topK: 10 };
    const idsOf = (outcome: AskOutcome) => readAnswer(answered(outcome).body).results.map(({ shown }) => shown.id.value);
    expect(idsOf(await alice.ask(ask))).not.toContain('r7');
    const own = await alice.ask(ask, { payment: null, context: { isOwner: true } });
    expect(idsOf(own)).toContain('r7');
    expect(answered(own).receipt).toMatchObject({
      channel: ZERO_HASH,
      sequence: 0,
      charge: '0',
      chargedTotal: '0',
      previous: ZERO_HASH,
    });
    expect(recoverReceipt(answered(own).receipt, NETWORK)).toBe(PAYEE);
    expect(shop.ledger.channel(alice.channel)?.sequence).toBe(1);
  });

  it('knows no private index but for its owner', async () => {
    const alice = await shop.customer();
    const unknown = await alice.ask({ ...shop.question(1), index: `none@${'0'.repeat(32)}` });
    await shop.index.setVisibility('private');
    const hidden = await alice.ask(shop.question(1));
    const shape = (outcome: AskOutcome) => JSON.stringify(outcome).replace(/[\w-]+@\w+/, 'ID');
    expect(shape(hidden)).toBe(shape(unknown));
    expect(hidden).toMatchObject({ refusal: { code: 'INDEX_NOT_FOUND', retryAfterMs: null } });
    answered(await alice.ask(shop.question(1), { payment: null, context: { isOwner: true } }));
    await shop.index.setVisibility('listed');
  });

  it('answers a free index without channel or journal, counted against the caps all the same', async () => {
    await shop.setPolicy({ price: '0', exposurePerChannel: 3, epochMs: 60_000 });
    const anybody = createConsumer({
      payer: payerOf('nobody'),
      channel: ZERO_HASH,
      offer: shop.offer,
      now: shop.clock.now,
      send: shop.serve.ask,
    });
    expect(answered(await anybody.ask(shop.question(1), { payment: null })).receipt).toMatchObject({
      sequence: 0,
      charge: '0',
      status: 'ok',
    });
    expect(codeOf(await anybody.ask(shop.question(4), { payment: null }))).toBe('EXPOSURE_CAP');
    // Peer ids cost nothing: another one gets no more, the next epoch does.
    expect(codeOf(await anybody.ask(shop.question(4), { payment: null, context: { peer: 'another' } }))).toBe('EXPOSURE_CAP');
    shop.clock.advance(60_000);
    answered(await anybody.ask(shop.question(4), { payment: null }));
    expect(shop.ledger.risk().granted).toBe(0n);
  });

  it('opens channels on its own terms only, and tells credit and state', async () => {
    const alice = await shop.customer('alice', 1_000n);
    const receipt = answered(await alice.ask(shop.question(1))).receipt;
    const open = opening(alice.payer, 1_000n);
    const told = await shop.serve.channels.open(open);
    const asked = { channel: alice.channel, nonce: open.nonce, receiptSigner: PAYEE, network: NETWORK };
    expect(checkChannelState(told, asked)).toMatchObject({
      deposit: '1000',
      chargedTotal: receipt.charge,
      sequence: 1,
      closed: false,
    });
    expect(told.receipt).toEqual(receipt);
    expect(shop.serve.credit({ payer: alice.payer.address })).toEqual({ available: '0', unit: 'credit' });
    const other = payerOf('other').address;
    const forged = { ...opening(payerOf('other'), 5n), terms: opening(alice.payer, 5n).terms };
    const wrong = [opening(alice.payer, 5n, { payee: other }), forged];
    for (const open of wrong) {
      await expect(shop.serve.channels.open(open)).rejects.toMatchObject({ code: 'CHANNEL_TERMS' });
    }
  });

  it('finishes what it has begun before it closes', async () => {
    const alice = await shop.customer();
    const work = alice.ask(shop.question(1));
    const drained = shop.serve.drain();
    expect(codeOf(await alice.ask(shop.question(2)))).toBe('SHUTTING_DOWN');
    await drained;
    expect(codeOf(await work)).toBe('answered');
  });
});
