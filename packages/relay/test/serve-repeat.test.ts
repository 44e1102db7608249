import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { answerKeepMs } from '@tributary/store';
import { ticketRepeatsMax } from '../src/serve/limits.ts';
import { payerOf } from '../src/testing/ledger-fixture.ts';
import { codeOf } from './support/paying-client.ts';
import {
  answered,
  money,
  openTestIndex,
  openTestProvider,
  type TestIndex,
  type TestProvider,
} from './support/provider-fixture.ts';

describe('serve: a ticket is looked up first', () => {
  let shared: TestIndex;
  let provider: TestProvider;
  beforeAll(async () => {
    shared = await openTestIndex();
  });
  beforeEach(async () => {
    provider = await openTestProvider(shared);
  });
  afterEach(async () => {
    await provider.close();
    expect(provider.faults).toEqual([]);
  });
  afterAll(() => shared.close());

  it('repeats a paid answer after the offer expired, whatever the present policy', async () => {
    await provider.setPolicy({ queriesPerMinute: 1 });
    const alice = await provider.payingClient();
    provider.clock.advance(provider.offer.offer.expiry - provider.clock.now() - 1_000);
    const prepared = alice.prepare(provider.question(1));
    const first = answered(await alice.send(prepared));
    expect(codeOf(await alice.ask(provider.question(2)))).toBe('RATE_LIMITED');
    expect(answered(await alice.send(prepared))).toEqual(first);
    await provider.setPolicy({ queriesPerMinute: 1, allow: [payerOf('other').address], topK: 1 });
    provider.clock.advance(2_000);
    expect(codeOf(await alice.ask(provider.question(2)))).toBe('RATE_LIMITED');
    expect(answered(await alice.send(prepared))).toEqual(first);
    await provider.index.setVisibility('private');
    expect(codeOf(await alice.ask(provider.question(2)))).toBe('INDEX_NOT_FOUND');
    expect(answered(await alice.send(prepared))).toEqual(first);
    await provider.index.setVisibility('listed');
    expect(await provider.ledger.closeChannel(alice.channel)).toEqual({ refunded: 10_000n - BigInt(first.receipt.charge) });
    expect(answered(await alice.send(prepared))).toEqual(first);
  });

  it('says DEADLINE while it knows that nothing was charged, and TICKET_OVER once it cannot know', async () => {
    const alice = await provider.payingClient();
    const [charged, never] = [alice.prepare(provider.question(1)), alice.prepare(provider.question(2))];
    answered(await alice.send(charged));
    provider.clock.advance(answerKeepMs - 1);
    expect(await alice.send(never)).toMatchObject({
      refusal: { code: 'DEADLINE', message: expect.stringContaining('nothing was charged') },
    });
    provider.clock.advance(2);
    await provider.ledger.prune();
    const before = money(provider);
    expect(await alice.send(charged)).toMatchObject({ refusal: { code: 'TICKET_OVER', retryAfterMs: null } });
    expect(codeOf(await alice.send(never))).toBe('TICKET_OVER');
    expect(money(provider)).toBe(before);
    await provider.setPolicy({});
    const again = await alice.ask(provider.question(3), { offer: provider.offer.hash });
    expect(answered(again).receipt.sequence).toBe(2);
  });

  it('refuses a refused ticket for good, so a late copy is not charged', async () => {
    const alice = await provider.payingClient();
    const [early, rich] = [
      alice.prepare(provider.question(1), { cumulative: 0n }),
      alice.prepare(provider.question(2), { cumulative: 9_000n }),
    ];
    expect(codeOf(await alice.send(early))).toBe('VOUCHER_INSUFFICIENT');
    answered(await alice.send(rich));
    const before = money(provider);
    expect(codeOf(await alice.send(early))).toBe('VOUCHER_INSUFFICIENT');
    expect(money(provider)).toBe(before);
  });

  it('repeats a paid answer whatever else was refused to its ticket', async () => {
    const alice = await provider.payingClient();
    const [paid, other] = [alice.prepare(provider.question(1)), alice.prepare(provider.question(2))];
    const first = answered(await alice.send(paid));
    const swapped = alice.prepare(provider.question(2), { ticketId: paid.head.ticketId });
    expect(codeOf(await alice.send(swapped))).toBe('TICKET_CONFLICT');
    expect(codeOf(await alice.send(swapped))).toBe('TICKET_CONFLICT');
    expect(answered(await alice.send(paid))).toEqual(first);
    answered(await alice.send(other));
  });

  it('rebuilds an answer a bounded number of times', async () => {
    const alice = await provider.payingClient();
    const prepared = alice.prepare(provider.question(1));
    const first = answered(await alice.send(prepared));
    for (let at = 0; at < ticketRepeatsMax; at += 1) expect(answered(await alice.send(prepared))).toEqual(first);
    expect(await alice.send(prepared)).toMatchObject({
      refusal: { code: 'TICKET_OVER', message: expect.stringContaining(`charge ${first.receipt.charge}`) },
    });
  });

  it('says TICKET_OVER for an answer whose index was deleted', async () => {
    const alice = await provider.payingClient();
    const prepared = alice.prepare(provider.question(1));
    answered(await alice.send(prepared));
    provider.deleteIndex();
    expect(codeOf(await alice.ask(provider.question(2)))).toBe('INDEX_NOT_FOUND');
    expect(codeOf(await alice.send(prepared))).toBe('TICKET_OVER');
  });

  it('gives a stored answer to nobody who has no voucher for it', async () => {
    const alice = await provider.payingClient();
    const prepared = alice.prepare(provider.question(1));
    answered(await alice.send(prepared));
    const payment = prepared.head.payment!;
    const forged = { ...payment, voucher: { ...payment.voucher, cumulative: '1' } };
    const stolen = { body: prepared.body, head: { ...prepared.head, payment: forged } };
    expect(codeOf(await alice.send(stolen))).toBe('VOUCHER_INVALID');
  });
});
