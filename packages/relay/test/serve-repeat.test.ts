import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { answerKeepMs } from '@tributary/store';
import { ticketRepeatsMax } from '../src/serve/limits.ts';
import { codeOf, payerOf } from './support/market.ts';
import { answered, money, openShelf, openShop, type Shelf, type Shop } from './support/shop.ts';

describe('serve: a ticket is looked up first', () => {
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

  it('gives a paid answer again after the offer ran out, whatever the policy says now', async () => {
    await shop.setPolicy({ queriesPerMinute: 1 });
    const alice = await shop.customer();
    shop.clock.advance(shop.offer.offer.expiry - shop.clock.now() - 1_000);
    const prepared = alice.prepare(shop.question(1));
    const first = answered(await alice.send(prepared));
    expect(codeOf(await alice.ask(shop.question(2)))).toBe('RATE_LIMITED');
    expect(answered(await alice.send(prepared))).toEqual(first);
    await shop.setPolicy({ queriesPerMinute: 1, allow: [payerOf('other').address], topK: 1 });
    shop.clock.advance(2_000);
    expect(codeOf(await alice.ask(shop.question(2)))).toBe('RATE_LIMITED');
    expect(answered(await alice.send(prepared))).toEqual(first);
    await shop.index.setVisibility('private');
    expect(codeOf(await alice.ask(shop.question(2)))).toBe('INDEX_NOT_FOUND');
    expect(answered(await alice.send(prepared))).toEqual(first);
    await shop.index.setVisibility('listed');
    expect(await shop.ledger.closeChannel(alice.channel)).toEqual({ refunded: 10_000n - BigInt(first.receipt.charge) });
    expect(answered(await alice.send(prepared))).toEqual(first);
  });

  it('says DEADLINE while it knows that nothing was charged, and TICKET_OVER once it cannot know', async () => {
    const alice = await shop.customer();
    const [charged, never] = [alice.prepare(shop.question(1)), alice.prepare(shop.question(2))];
    answered(await alice.send(charged));
    shop.clock.advance(answerKeepMs - 1);
    expect(await alice.send(never)).toMatchObject({
      refusal: { code: 'DEADLINE', message: expect.stringContaining('nothing was charged') },
    });
    shop.clock.advance(2);
    await shop.ledger.prune();
    const before = money(shop);
    expect(await alice.send(charged)).toMatchObject({ refusal: { code: 'TICKET_OVER', retryAfterMs: null } });
    expect(codeOf(await alice.send(never))).toBe('TICKET_OVER');
    expect(money(shop)).toBe(before);
    await shop.setPolicy({});
    const again = await alice.ask(shop.question(3), { offer: shop.offer.hash });
    expect(answered(again).receipt.sequence).toBe(2);
  });

  it('refuses a refused ticket for good: a copy that comes late is not charged', async () => {
    const alice = await shop.customer();
    const [early, rich] = [
      alice.prepare(shop.question(1), { cumulative: 0n }),
      alice.prepare(shop.question(2), { cumulative: 9_000n }),
    ];
    expect(codeOf(await alice.send(early))).toBe('VOUCHER_INSUFFICIENT');
    answered(await alice.send(rich));
    const before = money(shop);
    expect(codeOf(await alice.send(early))).toBe('VOUCHER_INSUFFICIENT');
    expect(money(shop)).toBe(before);
  });

  it('gives a paid answer again whatever else was refused to its ticket', async () => {
    const alice = await shop.customer();
    const [paid, other] = [alice.prepare(shop.question(1)), alice.prepare(shop.question(2))];
    const first = answered(await alice.send(paid));
    const swapped = alice.prepare(shop.question(2), { ticketId: paid.head.ticketId });
    expect(codeOf(await alice.send(swapped))).toBe('TICKET_CONFLICT');
    expect(codeOf(await alice.send(swapped))).toBe('TICKET_CONFLICT');
    expect(answered(await alice.send(paid))).toEqual(first);
    answered(await alice.send(other));
  });

  it('makes an answer again a bounded number of times', async () => {
    const alice = await shop.customer();
    const prepared = alice.prepare(shop.question(1));
    const first = answered(await alice.send(prepared));
    for (let at = 0; at < ticketRepeatsMax; at += 1) expect(answered(await alice.send(prepared))).toEqual(first);
    expect(await alice.send(prepared)).toMatchObject({
      refusal: { code: 'TICKET_OVER', message: expect.stringContaining(`charge ${first.receipt.charge}`) },
    });
  });

  it('says TICKET_OVER for an answer whose index was deleted', async () => {
    const alice = await shop.customer();
    const prepared = alice.prepare(shop.question(1));
    answered(await alice.send(prepared));
    shop.deleteIndex();
    expect(codeOf(await alice.ask(shop.question(2)))).toBe('INDEX_NOT_FOUND');
    expect(codeOf(await alice.send(prepared))).toBe('TICKET_OVER');
  });

  it('gives a stored answer to nobody who has no voucher for it', async () => {
    const alice = await shop.customer();
    const prepared = alice.prepare(shop.question(1));
    answered(await alice.send(prepared));
    const payment = prepared.head.payment!;
    const forged = { ...payment, voucher: { ...payment.voucher, cumulative: '1' } };
    const stolen = { body: prepared.body, head: { ...prepared.head, payment: forged } };
    expect(codeOf(await alice.send(stolen))).toBe('VOUCHER_INVALID');
  });
});
