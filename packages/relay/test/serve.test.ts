import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { chargeOf, receiptHash, recoverReceipt } from '@tributary/proof/payment';
import { readAnswer, responseHash } from '@tributary/proof/statements';
import { ZERO_HASH } from '@tributary/proof/primitives';
import { faultyDisk } from './support/faulty-disk.ts';
import { NETWORK, PAYEE, ticketIdOf, voucherFor } from '../src/testing/ledger-fixture.ts';
import { codeOf, type AskChange } from './support/paying-client.ts';
import {
  answered,
  leaning,
  money,
  openTestIndex,
  openTestProvider,
  type TestIndex,
  type TestProvider,
  wholeOf,
} from './support/provider-fixture.ts';

describe('serve: what is paid', () => {
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

  it('answers 32 questions at once on one channel, and all books agree to the unit', async () => {
    const alice = await provider.payingClient();
    const outcomes = (
      await Promise.all(Array.from({ length: 32 }, (_, at) => alice.ask(provider.question(at, 1 + (at % 5)))))
    ).map(answered);
    const receipts = outcomes.map(({ receipt }) => receipt).toSorted((a, b) => a.sequence - b.sequence);
    let [previous, total] = [ZERO_HASH, 0n];
    for (const [at, receipt] of receipts.entries()) {
      total += BigInt(receipt.charge);
      expect(receipt).toMatchObject({ sequence: at + 1, previous, chargedTotal: String(total), offerHash: provider.offer.hash });
      expect(recoverReceipt(receipt, NETWORK)).toBe(PAYEE);
      previous = receiptHash(receipt, NETWORK);
    }
    for (const { receipt, body, records } of outcomes) {
      const answer = wholeOf({ body, records });
      const textBytes = answer.results.reduce((sum, { shown }) => sum + Buffer.byteLength(shown.text.value), 0);
      const usage = {
        status: answer.status,
        results: answer.results.length,
        textBytes,
        ticketMaxCharge: provider.offer.offer.maxCharge,
      };
      expect(receipt).toMatchObject({
        responseHash: responseHash(body),
        charge: String(chargeOf(provider.offer.offer, usage)),
        status: 'ok',
      });
    }
    expect(provider.ledger.channel(alice.channel)).toMatchObject({ charged: total, sequence: 32 });
    expect(provider.events.reduce((sum, event) => sum + (event.kind === 'answer' ? event.charge : 0n), 0n)).toBe(total);
    expect(provider.ledger.risk()).toMatchObject({
      charged: total,
      reserved: 0n,
      inFlight: 0,
      uncovered: 0n,
      available: 0n,
      locked: 10_000n,
    });
    expect(await provider.ledger.closeChannel(alice.channel)).toEqual({ refunded: 10_000n - total });
  });

  it('gives the same receipt and bytes again for a ticket, at once and later, charged once', async () => {
    const alice = await provider.payingClient();
    const prepared = alice.prepare(provider.question(3));
    const [first, second] = (await Promise.all([alice.send(prepared), alice.send(prepared)])).map(answered);
    await provider.index.upsert([{ id: 'new', namespace: '', vector: leaning(11), text: 'new', metadata: {} }]);
    provider.clock.advance(120_000); // long past its deadline
    const third = answered(await alice.send(prepared));
    expect(second).toEqual(first);
    expect(third.receipt).toEqual(first?.receipt);
    expect(Buffer.from(third.body).equals(first!.body)).toBe(true);
    expect(provider.ledger.channel(alice.channel)).toMatchObject({ sequence: 1, charged: BigInt(first!.receipt.charge) });
    expect(provider.events.filter((event) => event.kind === 'answer').map(({ again }) => again)).toEqual([false, true]);
  });

  it('signs one gone, free of charge, when a record of the answer was deleted since', async () => {
    const alice = await provider.payingClient();
    const prepared = alice.prepare(provider.question(3, 1));
    const first = answered(await alice.send(prepared));
    const [shown] = wholeOf(first).results;
    await provider.index.delete({ ids: [shown!.shown.id.value] });
    const gone = answered(await alice.send(prepared));
    expect(readAnswer(gone.body)).toMatchObject({ status: 'gone', results: [] });
    const { chargedTotal } = first.receipt;
    expect(gone.receipt).toMatchObject({
      status: 'gone',
      charge: '0',
      chargedTotal,
      sequence: 2,
      responseHash: responseHash(gone.body),
    });
    await provider.index.upsert([{ id: 'later', namespace: '', vector: leaning(2), text: 'later' }]);
    provider.clock.advance(5);
    expect(answered(await alice.send(prepared))).toEqual(gone);
    expect(provider.ledger.channel(alice.channel)?.sequence).toBe(2);
  });

  it('refuses a ticket for another question, even while the first is in progress', async () => {
    const alice = await provider.payingClient();
    const ticketId = ticketIdOf('reused');
    const both = [alice.prepare(provider.question(1), { ticketId }), alice.prepare(provider.question(2), { ticketId })];
    const outcomes = await Promise.all(both.map((prepared) => alice.send(prepared)));
    expect(outcomes.map(codeOf).toSorted()).toEqual(['TICKET_CONFLICT', 'answered']);
    expect(codeOf(await alice.send(alice.prepare(provider.question(4), { ticketId })))).toBe('TICKET_CONFLICT');
    expect(provider.ledger.risk()).toMatchObject({ inFlight: 0, reserved: 0n });
    expect(provider.ledger.channel(alice.channel)?.sequence).toBe(1);
  });

  it('numbers an answer without results and charges nothing for it', async () => {
    const alice = await provider.payingClient();
    const empty = answered(await alice.ask({ ...provider.question(1), namespace: 'nothing here' }));
    expect(empty.receipt).toMatchObject({ status: 'empty', charge: '0', sequence: 1 });
    expect(answered(await alice.ask(provider.question(1))).receipt.sequence).toBe(2);
  });

  it('charges for an answer without results what the offer says, as it told before', async () => {
    await provider.setPolicy({ price: { base: '1', empty: '40' } });
    const alice = await provider.payingClient();
    const prepared = alice.prepare({ ...provider.question(1), namespace: 'nothing here' });
    expect(prepared.maxCharge).toBe(40n);
    expect(answered(await alice.send(prepared)).receipt).toMatchObject({ status: 'empty', charge: '40', chargedTotal: '40' });
    expect(answered(await alice.send(prepared)).receipt.sequence).toBe(1);
    const cheap = alice.prepare({ ...provider.question(1), namespace: 'nothing here' }, { maxCharge: 39n });
    expect(codeOf(await alice.send(cheap))).toBe('MAX_CHARGE_TOO_LOW');
    expect(answered(await alice.ask(provider.question(1))).receipt).toMatchObject({ charge: '1', chargedTotal: '41' });
  });

  it('refuses what is not paid for this very question, and no refusal costs anything', async () => {
    const alice = await provider.payingClient('alice', 500n);
    const bob = await provider.payingClient('bob', 500n);
    await alice.ask(provider.question(1));
    const before = money(provider);
    const late = provider.clock.now() - 1;
    const far = provider.clock.now() + provider.offer.offer.deadlineMaxMs + 1;
    const cases: [string, AskChange][] = [
      ['PAYMENT_NEEDED', { payment: null }],
      ['CHANNEL_UNKNOWN', { channel: ZERO_HASH }],
      ['VOUCHER_INVALID', { channel: bob.channel }],
      ['VOUCHER_INVALID', { signer: bob.payer }],
      ['VOUCHER_INVALID', { ticket: { id: ticketIdOf('other') } }],
      ['VOUCHER_INVALID', { ticket: { request: ZERO_HASH } }],
      ['VOUCHER_INVALID', { ticket: { offer: ZERO_HASH } }],
      ['VOUCHER_INVALID', { ticket: { deadline: late } }],
      ['OFFER_UNKNOWN', { offer: ZERO_HASH }],
      ['DEADLINE', { deadline: late }],
      ['DEADLINE', { deadline: far }],
      ['MAX_CHARGE_TOO_LOW', { maxCharge: 1n }],
      ['VOUCHER_INSUFFICIENT', { cumulative: 1n }],
      ['CREDIT_INSUFFICIENT', { cumulative: 501n }],
      ['CREDIT_INSUFFICIENT', { maxCharge: 501n, cumulative: 500n }],
    ];
    for (const [code, change] of cases) {
      const outcome = await alice.ask(provider.question(2), {
        ...change,
        ticketId: ticketIdOf(code + JSON.stringify(change, (_, v: unknown) => String(v))),
      });
      expect.soft(codeOf(outcome), JSON.stringify(Object.keys(change))).toBe(code);
    }
    expect(codeOf(await alice.ask({ ...provider.question(1), topK: 11 }))).toBe('TOPK_CAP');
    expect(codeOf(await alice.ask({ ...provider.question(1), vector: 'AAAAAAAA' }, { cumulative: 450n }))).toBe('QUERY_INVALID');
    expect(money(provider)).toBe(before);
    expect(answered(await alice.ask(provider.question(5), { cumulative: 450n })).receipt.sequence).toBe(2);
  });

  it('stops a greedy client at its voucher, whatever it keeps in flight', async () => {
    const alice = await provider.payingClient();
    const quote = alice.prepare(provider.question(1)).maxCharge;
    const cumulative = 5n * quote;
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, at) =>
        alice.ask(provider.question(at), { ticketId: ticketIdOf(`greedy ${at}`), cumulative }),
      ),
    );
    expect(
      outcomes
        .map(codeOf)
        .filter((code) => code !== 'answered')
        .every((code) => code === 'VOUCHER_INSUFFICIENT'),
    ).toBe(true);
    expect(outcomes.filter((outcome) => 'receipt' in outcome)).toHaveLength(5);
    expect(provider.ledger.risk().uncovered).toBe(0n);
  });

  it('gives at most K on credit', async () => {
    await provider.setPolicy({ credit: '100' });
    const alice = await provider.payingClient();
    for (let at = 0; at < 30; at += 1)
      await alice.ask(provider.question(at), { cumulative: 0n, ticketId: ticketIdOf(`credit ${at}`) });
    expect(provider.ledger.risk().uncovered).toBeLessThanOrEqual(100n);
    expect(provider.ledger.risk().uncovered).toBeGreaterThan(0n);
    expect(codeOf(await alice.ask(provider.question(1), { cumulative: 0n }))).toBe('VOUCHER_INSUFFICIENT');
  });

  it('bounds what one channel keeps in flight', async () => {
    await provider.setPolicy({ maxInFlight: 2 });
    const alice = await provider.payingClient();
    const codes = (await Promise.all([1, 2, 3].map((at) => alice.ask(provider.question(at))))).map(codeOf);
    expect(codes).toEqual(['answered', 'answered', 'IN_FLIGHT_CAP']);
  });

  it('does not charge a question that nobody waits for', async () => {
    const alice = await provider.payingClient();
    const stop = new AbortController();
    const prepared = alice.prepare(provider.question(1));
    const first = alice.send(prepared, { signal: stop.signal });
    const second = alice.send(prepared);
    stop.abort();
    expect(codeOf(await first)).toBe('ABORTED');
    expect(answered(await second).receipt.sequence).toBe(1);
    expect(provider.ledger.risk()).toMatchObject({ inFlight: 0, reserved: 0n });
  });

  it('ignores a voucher that is below an earlier one', async () => {
    const alice = await provider.payingClient();
    answered(await alice.ask(provider.question(1)));
    const best = provider.ledger.channel(alice.channel)!.best;
    const spare = voucherFor(alice.channel, 900n, alice.payer);
    const room = provider.ledger.reserve(alice.channel, 0n, spare);
    answered(await alice.ask(provider.question(2), { cumulative: 1n }));
    room.release();
    expect(provider.ledger.channel(alice.channel)!.best).toBeGreaterThan(best);
  });

  it('charges a ticket once when its first charge reached the disk but was reported as failed', async () => {
    // Head writes: creation, offer, grant, opening, then the charge.
    const broken = await openTestProvider(shared, (disk) => faultyDisk(disk, { write: 'head', nth: 5, persisted: true }));
    const alice = await broken.payingClient();
    const prepared = alice.prepare(broken.question(1));
    expect(await alice.send(prepared)).toMatchObject({ refusal: { code: 'LEDGER_WRITE', retryAfterMs: 1_000 } });
    const again = answered(await alice.send(prepared));
    expect(again.receipt).toMatchObject({ sequence: 1, responseHash: responseHash(again.body) });
    expect(broken.events.map((event) => (event.kind === 'answer' ? event.again : event.code))).toEqual(['LEDGER_WRITE', true]);
    expect(broken.ledger.channel(alice.channel)).toMatchObject({ charged: BigInt(again.receipt.charge), sequence: 1 });
    expect(broken.ledger.risk()).toMatchObject({ reserved: 0n, inFlight: 0 });
    await broken.close();
  });

  it('judges a question by the disk when the ledger was read again meanwhile', async () => {
    // Batches: offer, grant, opening, then the charge, which does not reach the disk.
    const broken = await openTestProvider(shared, (disk) => faultyDisk(disk, { write: 'batch', nth: 4, persisted: false }));
    const alice = await broken.payingClient();
    const cumulative = alice.prepare(broken.question(1)).maxCharge;
    expect(codeOf(await alice.ask(broken.question(1), { cumulative, ticketId: ticketIdOf('lost') }))).toBe('LEDGER_WRITE');
    // Admitted while the balances still include the lost charge. A voucher for one answer must suffice.
    expect(answered(await alice.ask(broken.question(2), { cumulative, ticketId: ticketIdOf('kept') })).receipt.sequence).toBe(1);
    await broken.close();
  });
});
