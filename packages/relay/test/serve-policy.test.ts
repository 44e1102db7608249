import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { checkChannelState, recoverReceipt } from '@tributary/proof/payment';
import { ZERO_HASH } from '@tributary/proof/primitives';
import type { AskOutcome } from '../src/serve/types.ts';
import { NETWORK, opening, PAYEE, payerOf } from '../src/testing/ledger-fixture.ts';
import { codeOf, createPayingClient } from './support/paying-client.ts';
import {
  answered,
  money,
  openTestIndex,
  openTestProvider,
  type TestIndex,
  type TestProvider,
  wholeOf,
} from './support/provider-fixture.ts';

describe('serve: what the owner allows', () => {
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

  it('enforces allow-list and rate of the present policy', async () => {
    const alice = await provider.payingClient();
    await provider.setPolicy({ allow: [alice.payer.address] });
    const bob = await provider.payingClient('bob');
    expect([
      codeOf(await alice.ask(provider.question(1), { offer: provider.offer.hash })),
      codeOf(await bob.ask(provider.question(1))),
    ]).toEqual(['answered', 'NOT_ALLOWED']);
    await provider.setPolicy({ queriesPerMinute: 2 });
    const carol = await provider.payingClient('carol');
    const outcomes = [];
    for (const at of [1, 2, 3]) outcomes.push(await carol.ask(provider.question(at), { context: { peer: 'carol' } }));
    expect(outcomes.map(codeOf)).toEqual(['answered', 'answered', 'RATE_LIMITED']);
    expect(outcomes[2]).toMatchObject({
      refusal: { message: expect.stringContaining('in 30 seconds'), retryAfterMs: 30_000 },
    });
  });

  it('stops at the exposure cap before it searches: a refusal tells nothing of what the index holds', async () => {
    await provider.setPolicy({ exposurePerChannel: 4, exposurePerEpoch: 6, epochMs: 60_000 });
    const alice = await provider.payingClient();
    answered(await alice.ask(provider.question(0, 3)));
    const before = money(provider);
    const searches = provider.searches();
    const found = await alice.ask(provider.question(4, 3));
    const nothing = await alice.ask({ ...provider.question(4, 3), namespace: 'nothing here' });
    expect(nothing).toEqual(found);
    expect(found).toMatchObject({
      refusal: { code: 'EXPOSURE_CAP', message: expect.stringContaining('ask for at most 1'), retryAfterMs: null },
    });
    expect([money(provider), provider.searches()]).toEqual([before, searches]);
    answered(await alice.ask(provider.question(4, 1)));
    const bob = await provider.payingClient('bob');
    expect(await bob.ask(provider.question(8, 3))).toMatchObject({
      refusal: {
        code: 'EXPOSURE_CAP',
        message: expect.stringMatching(/2 are left.*next epoch begins in \d+ (second|minute)s?/),
        retryAfterMs: 60_000 - (provider.clock.now() % 60_000),
      },
    });
    provider.clock.advance(60_000);
    expect(codeOf(await bob.ask(provider.question(8, 3)))).toBe('answered');
    expect(provider.offer.offer.limits.topK).toBe(4);
  });

  it('shows concurrent questions no more than the cap, however they are timed', async () => {
    await provider.setPolicy({ exposurePerChannel: 5 });
    const alice = await provider.payingClient();
    const codes = (await Promise.all([0, 2, 4, 6].map((at) => alice.ask(provider.question(at, 2))))).map(codeOf);
    expect(codes).toEqual(['answered', 'answered', 'EXPOSURE_CAP', 'EXPOSURE_CAP']);
    expect(codeOf(await alice.ask(provider.question(4, 1)))).toBe('answered');
  });

  it('bounds answers that earn nothing by peer and by payer, and says when to come back', async () => {
    await provider.setPolicy({ unpaidPerMinute: 2 });
    const alice = await provider.payingClient();
    const nothing = { ...provider.question(1), namespace: 'nothing here' };
    const ask = (peer: string, what = nothing) => alice.ask(what, { context: { peer } });
    for (const at of [1, 2, 3, 4]) answered(await ask('p1', provider.question(at)));
    answered(await ask('p1'));
    answered(await ask('p2'));
    expect(await ask('p3')).toMatchObject({
      refusal: { code: 'RATE_LIMITED', message: expect.stringContaining('ask again in 30 seconds'), retryAfterMs: 30_000 },
    });
    const bob = await provider.payingClient('bob');
    expect(codeOf(await bob.ask(nothing, { context: { peer: 'p1' } }))).toBe('answered');
    expect(codeOf(await bob.ask(nothing, { context: { peer: 'p1' } }))).toBe('RATE_LIMITED');
    provider.clock.advance(30_000);
    expect(codeOf(await ask('p3', provider.question(5)))).toBe('answered');
  });

  it('gives a peer at most 600 such answers a minute unless the owner says otherwise', async () => {
    await provider.setPolicy({ price: '0' });
    const options = { payer: payerOf('nobody'), channel: ZERO_HASH, offer: provider.offer, now: provider.clock.now };
    const anybody = createPayingClient({ ...options, send: provider.serve.ask });
    const ask = async (peer: string) => codeOf(await anybody.ask(provider.question(1, 1), { payment: null, context: { peer } }));
    const codes = [];
    for (let at = 0; at < 601; at += 1) codes.push(await ask('p1'));
    expect([codes.filter((code) => code === 'answered').length, codes.at(-1)]).toEqual([600, 'RATE_LIMITED']);
    expect(await ask('p2')).toBe('answered');
  });

  it('gives a payer no more work for nothing when it makes more voucher signers, and each signer its own rate', async () => {
    await provider.setPolicy({ unpaidPerMinute: 2, queriesPerMinute: 3 });
    const accounts = await Promise.all(['a', 'b', 'c'].map((signer) => provider.payingClient('alice', 10_000n, signer)));
    const nothing = { ...provider.question(1), namespace: 'nothing here' };
    const ask = async (at: number, what = nothing) => codeOf(await accounts[at]!.ask(what, { context: { peer: `p${at}` } }));
    expect([await ask(0), await ask(1), await ask(2)]).toEqual(['answered', 'answered', 'RATE_LIMITED']);
    provider.clock.advance(60_000);
    for (const at of [0, 1, 2]) {
      const codes = [];
      for (const _ of [1, 2, 3, 4]) codes.push(await ask(at, provider.question(1)));
      expect(codes).toEqual(['answered', 'answered', 'answered', 'RATE_LIMITED']);
    }
  });

  it('honours an earlier offer until it expires', async () => {
    const alice = await provider.payingClient();
    await provider.setPolicy({ price: '1000' });
    expect(BigInt(answered(await alice.ask(provider.question(1))).receipt.charge)).toBeLessThan(100n);
    provider.clock.advance(provider.offer.offer.expiry - provider.clock.now());
    expect(codeOf(await alice.ask(provider.question(1)))).toBe('OFFER_UNKNOWN');
  });

  it('charges nothing under an offer that was made while the clock was ahead, because no client accepts that answer', async () => {
    const alice = await provider.payingClient();
    provider.clock.advance(-2 * 86_400_000);
    const before = money(provider);
    expect(codeOf(await alice.ask(provider.question(1)))).toBe('OFFER_UNKNOWN');
    expect(money(provider)).toBe(before);
  });

  it('answers the owner free of charge and finds what is not sold for nobody else', async () => {
    const alice = await provider.payingClient();
    const ask = { ...provider.question(7, 10), topK: 10 };
    const idsOf = (outcome: AskOutcome) => wholeOf(answered(outcome)).results.map(({ shown }) => shown.id.value);
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
    expect(provider.ledger.channel(alice.channel)?.sequence).toBe(1);
  });

  it('hides private indexes from everybody but their owner', async () => {
    const alice = await provider.payingClient();
    const unknown = await alice.ask({ ...provider.question(1), index: `none@${'0'.repeat(32)}` });
    await provider.index.setVisibility('private');
    const hidden = await alice.ask(provider.question(1));
    const shape = (outcome: AskOutcome) => JSON.stringify(outcome).replace(/[\w-]+@\w+/, 'ID');
    expect(shape(hidden)).toBe(shape(unknown));
    expect(hidden).toMatchObject({ refusal: { code: 'INDEX_NOT_FOUND', retryAfterMs: null } });
    answered(await alice.ask(provider.question(1), { payment: null, context: { isOwner: true } }));
    await provider.index.setVisibility('listed');
  });

  it('answers a free index without channel or journal, counted against the caps all the same', async () => {
    await provider.setPolicy({ price: '0', exposurePerChannel: 3, epochMs: 60_000 });
    const anybody = createPayingClient({
      payer: payerOf('nobody'),
      channel: ZERO_HASH,
      offer: provider.offer,
      now: provider.clock.now,
      send: provider.serve.ask,
    });
    expect(answered(await anybody.ask(provider.question(1), { payment: null })).receipt).toMatchObject({
      sequence: 0,
      charge: '0',
      status: 'ok',
    });
    expect(codeOf(await anybody.ask(provider.question(4), { payment: null }))).toBe('EXPOSURE_CAP');
    // Peer ids cost nothing, so another peer id gets no more. The next epoch does.
    expect(codeOf(await anybody.ask(provider.question(4), { payment: null, context: { peer: 'another' } }))).toBe('EXPOSURE_CAP');
    provider.clock.advance(60_000);
    answered(await anybody.ask(provider.question(4), { payment: null }));
    expect(provider.ledger.risk().granted).toBe(0n);
  });

  it('opens channels on its own terms only, and reports credit and state', async () => {
    const alice = await provider.payingClient('alice', 1_000n);
    const receipt = answered(await alice.ask(provider.question(1))).receipt;
    const open = opening(alice.payer, 1_000n);
    const told = await provider.serve.channels.open(open);
    const asked = { channel: alice.channel, nonce: open.nonce, receiptSigner: PAYEE, network: NETWORK };
    expect(checkChannelState(told, asked)).toMatchObject({
      deposit: '1000',
      chargedTotal: receipt.charge,
      sequence: 1,
      closed: false,
    });
    expect(told.receipt).toEqual(receipt);
    expect(provider.serve.credit({ payer: alice.payer.address })).toEqual({ available: '0', unit: 'credit' });
    const other = payerOf('other').address;
    const forged = { ...opening(payerOf('other'), 5n), terms: opening(alice.payer, 5n).terms };
    const wrong = [opening(alice.payer, 5n, { payee: other }), forged];
    for (const open of wrong) {
      await expect(provider.serve.channels.open(open)).rejects.toMatchObject({ code: 'CHANNEL_TERMS' });
    }
  });

  it('finishes questions in progress before it closes', async () => {
    const alice = await provider.payingClient();
    const work = alice.ask(provider.question(1));
    const drained = provider.serve.drain();
    expect(codeOf(await alice.ask(provider.question(2)))).toBe('SHUTTING_DOWN');
    await drained;
    expect(codeOf(await work)).toBe('answered');
  });
});
