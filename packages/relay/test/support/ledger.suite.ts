import { receiptHash, recoverReceipt } from '@tributary/proof/payment';
import { sha256, toHex, utf8, ZERO_HASH } from '@tributary/proof/primitives';
import { answerKeepMs } from '@tributary/store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  handClock,
  indexIdOf,
  ledgerOptions,
  NETWORK,
  opening,
  orderFor,
  PAYEE,
  payingChannel,
  ticketIdOf,
  voucherFor,
} from '../../src/testing/ledger-fixture.ts';
import { entryHash, readEntry, zeroHashBytes } from '../../src/ledger/entries.ts';
import type { Ledger } from '../../src/payments/ledger.ts';
import type { LedgerOptions } from '../../src/ledger/open-files.ts';

export interface LedgerUnderTest {
  /** Opens the same ledger each time. */
  open(options: Omit<LedgerOptions, 'disk'>): Promise<Ledger>;
  remove(): Promise<void>;
}

const paying = payingChannel({ granted: 5_000n });
const alice = paying.payer;
const code = (name: string) => expect.objectContaining({ code: name });

/** What every ledger must do, whatever it writes to. */
export function describeLedger(name: string, create: () => Promise<LedgerUnderTest>): void {
  describe(`ledger: ${name}`, () => {
    const clock = handClock();
    let place: LedgerUnderTest;
    let ledger: Ledger;
    const open = () => place.open({ ...ledgerOptions, now: clock.now });
    const reopen = async () => {
      await ledger.close();
      ledger = await open();
    };
    const charge = (channel: string, ticket: string, amount: bigint, cumulative = 1_000n) =>
      paying.charge(ledger, ticket, amount, { voucher: voucherFor(channel, cumulative, alice) });
    const fund = async () => {
      await paying.fund(ledger);
      return paying.channel;
    };
    beforeEach(async () => {
      place = await create();
      ledger = await open();
    });
    afterEach(async () => {
      await ledger.close();
      await place.remove();
    });

    it('locks credit once however often an opening is sent, and more for a higher total', async () => {
      const channel = await fund();
      await Promise.all([ledger.openChannel(opening(alice, 1_000n)), ledger.openChannel(opening(alice, 1_000n))]);
      expect(ledger.account(alice.address)).toEqual({ granted: 5_000n, available: 4_000n, locked: 1_000n, spent: 0n });
      expect(await ledger.openChannel(opening(alice, 1_500n))).toMatchObject({
        channel,
        deposit: '1500',
        chargedTotal: '0',
        receipt: null,
      });
      expect(await ledger.openChannel(opening(alice, 200n))).toMatchObject({ deposit: '1500' });
      await expect(ledger.openChannel(opening(alice, 6_000n))).rejects.toEqual(code('CREDIT_INSUFFICIENT'));
      await expect(ledger.openChannel(opening(alice, 0n, { saltOf: 'other' }))).rejects.toEqual(code('CHANNEL_TERMS'));
      expect(ledger.account(alice.address)).toEqual({ granted: 5_000n, available: 3_500n, locked: 1_500n, spent: 0n });
    });

    it('numbers, chains and signs receipts in the order of their charges, and remembers them', async () => {
      const channel = await fund();
      const receipts = await Promise.all(Array.from({ length: 20 }, (_, at) => charge(channel, `t${at}`, BigInt(at % 3))));
      let [previous, total] = [ZERO_HASH, 0n];
      for (const [at, receipt] of receipts.toSorted((a, b) => a.sequence - b.sequence).entries()) {
        total += BigInt(receipt.charge);
        expect(receipt).toMatchObject({ sequence: at + 1, previous, chargedTotal: String(total) });
        expect(recoverReceipt(receipt, NETWORK)).toBe(PAYEE);
        previous = receiptHash(receipt, NETWORK);
      }
      await reopen();
      expect(ledger.channel(channel)).toMatchObject({ charged: total, sequence: 20, receiptHash: previous, best: 1_000n });
      expect((await ledger.openChannel(opening(alice, 1_000n))).receipt).toEqual(
        receipts.find(({ sequence }) => sequence === 20),
      );
      expect((await ledger.ticket(channel, ticketIdOf('t7')))?.receipt).toEqual(receipts[7]);
    });

    it('books a ticket once', async () => {
      const channel = await fund();
      const outcomes = await Promise.allSettled([charge(channel, 'same', 5n), charge(channel, 'same', 5n)]);
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
      await expect(charge(channel, 'same', 5n)).rejects.toEqual(code('TICKET_CONFLICT'));
      expect(ledger.channel(channel)?.charged).toBe(5n);
    });

    it('returns what was not charged when a channel closes, and charges it no more', async () => {
      const channel = await fund();
      await charge(channel, 'one', 400n);
      const room = ledger.reserve(channel, 10n, voucherFor(channel, 500n, alice));
      await expect(ledger.closeChannel(channel)).rejects.toEqual(code('IN_FLIGHT_CAP'));
      room.release();
      expect(await ledger.closeChannel(channel)).toEqual({ refunded: 600n });
      expect(ledger.account(alice.address)).toEqual({ granted: 5_000n, available: 4_600n, locked: 0n, spent: 400n });
      await expect(charge(channel, 'two', 1n)).rejects.toEqual(code('CHANNEL_UNKNOWN'));
      await expect(ledger.openChannel(opening(alice, 1_000n))).rejects.toEqual(code('CHANNEL_TERMS'));
    });

    it('keeps the highest voucher it has seen with the next charge', async () => {
      const channel = await fund();
      const high = ledger.reserve(channel, 10n, voucherFor(channel, 800n, alice));
      await charge(channel, 'low', 10n, 100n);
      high.release();
      expect(ledger.channel(channel)?.best).toBe(800n);
    });

    it('forgets journal rows when their time is over, but not that their tickets are over', async () => {
      const channel = await fund();
      await charge(channel, 'old', 5n);
      clock.advance(answerKeepMs - 1);
      await ledger.prune();
      expect(await ledger.ticket(channel, ticketIdOf('old'))).not.toBeNull();
      clock.advance(2);
      await ledger.prune();
      expect(await ledger.ticket(channel, ticketIdOf('old'))).toBeNull();
      await reopen();
      expect(ledger.ticketFloorMs).toBe(orderFor(channel, 'old', 5n, voucherFor(channel, 1n, alice)).deadline);
      await charge(channel, 'new', 5n);
      expect(ledger.channel(channel)).toMatchObject({ charged: 10n, sequence: 2 });
    });

    it('replaces a row by a signed gone that costs nothing', async () => {
      const channel = await fund();
      await charge(channel, 'lost', 5n);
      const voucher = voucherFor(channel, 1_000n, alice);
      const gone = await ledger.settle(orderFor(channel, 'lost', 0n, voucher, { status: 'gone', goneBody: 'gone' }), null);
      expect(gone).toMatchObject({ sequence: 2, charge: '0', chargedTotal: '5', status: 'gone' });
      await reopen();
      expect(await ledger.ticket(channel, ticketIdOf('lost'))).toMatchObject({ goneBody: 'gone', receipt: gone });
      await expect(ledger.settle(orderFor(channel, 'never', 0n, voucher, { status: 'gone' }), null)).rejects.toEqual(
        code('TICKET_CONFLICT'),
      );
    });

    it('counts seen records and stops at the caps, before and after it is opened again', async () => {
      const channel = await fund();
      const voucher = voucherFor(channel, 1_000n, alice);
      const caps = { exposurePerChannel: 4, exposurePerEpoch: 6, epochMs: 60_000 };
      const show = (viewer: string, ticket: string, slots: number[]) => {
        const items = slots.map((slot) => ({ slot, version: 1 }));
        const order = orderFor(channel, ticket, 1n, voucher, { exposure: { index: 'docs', channel: viewer, items, caps } });
        const room = ledger.reserve(channel, 1n, voucher);
        return ledger.settle(order, room).finally(room.release);
      };
      await show('one', 'a', [1, 2, 3]);
      await show('one', 'b', [2, 3, 4]);
      await expect(show('one', 'c', [5])).rejects.toEqual(code('EXPOSURE_CAP'));
      await reopen();
      await expect(show('one', 'd', [5])).rejects.toEqual(code('EXPOSURE_CAP'));
      await show('two', 'e', [5, 6]);
      await expect(show('two', 'f', [7])).rejects.toEqual(code('EXPOSURE_CAP'));
      clock.advance(caps.epochMs);
      await show('two', 'g', [7]);
      await ledger.prune();
      await reopen();
      await show('two', 'h', [8]);
      await expect(show('two', 'i', [9])).rejects.toEqual(code('EXPOSURE_CAP'));
      expect(ledger.channel(channel)?.charged).toBe(5n);
      await ledger.verify();
    });

    it('takes room for what may be seen before it is known, counting the disk and questions in progress', async () => {
      const caps = { exposurePerChannel: 4, exposurePerEpoch: null, epochMs: 60_000 };
      const viewer = { index: 'docs', channel: 'one', caps };
      await ledger.expose({ ...viewer, items: [{ slot: 1, version: 1 }] });
      await reopen();
      const room = ledger.exposureRoom(viewer, 2);
      expect(() => ledger.exposureRoom(viewer, 2)).toThrow(code('EXPOSURE_CAP'));
      room.release();
      ledger.exposureRoom(viewer, 3).release();
      expect(() => ledger.exposureRoom(viewer, 4)).toThrow(code('EXPOSURE_CAP'));
    });

    it('reports what each index earned on each day, before and after it is opened again', async () => {
      const channel = await fund();
      const day = (at: number) => new Date(at).toISOString().slice(0, 10);
      await charge(channel, 'e1', 30n);
      await charge(channel, 'e2', 0n);
      const first = { day: day(clock.now()), index: indexIdOf('docs'), answers: 2, charged: 30n };
      expect(ledger.earnings()).toEqual([first]);
      clock.advance(86_400_000);
      await charge(channel, 'e3', 5n);
      await reopen();
      expect(ledger.earnings()).toEqual([first, { ...first, day: day(clock.now()), answers: 1, charged: 5n }]);
      await ledger.verify();
    });

    it('refuses credit out of range', async () => {
      await expect(ledger.grant({ payer: alice.address, amount: 0n, note: '' })).rejects.toEqual(code('CREDIT_INSUFFICIENT'));
      await ledger.grant({ payer: alice.address, amount: (1n << 128n) - 1n, note: '' });
      await expect(ledger.grant({ payer: alice.address, amount: 1n, note: '' })).rejects.toEqual(code('CREDIT_INSUFFICIENT'));
    });

    it('exports a chain that a third party can follow', async () => {
      const channel = await fund();
      await Promise.all([charge(channel, 'x', 3n), charge(channel, 'y', 4n)]);
      let hash = zeroHashBytes();
      const types: string[] = [];
      for await (const line of ledger.export()) {
        const [, stated, body] = /^\{"hash":"([0-9a-f]{64})","entry":(.*)\}$/s.exec(line) ?? [];
        hash = entryHash(hash, utf8(body ?? ''));
        expect(toHex(hash)).toBe(stated);
        types.push(readEntry(utf8(body ?? '')).type);
      }
      expect(types).toEqual(['grant', 'open', 'charge', 'charge']);
    });

    it('sums up what is at risk', async () => {
      const channel = await fund();
      await charge(channel, 'z', 300n, 100n);
      const room = ledger.reserve(channel, 50n, voucherFor(channel, 100n, alice));
      expect(ledger.risk()).toEqual({
        granted: 5_000n,
        available: 4_000n,
        locked: 1_000n,
        spent: 0n,
        charged: 300n,
        uncovered: 200n,
        reserved: 50n,
        inFlight: 1,
        openChannels: 1,
      });
      room.release();
    });

    it('keeps offers until they are forgotten', async () => {
      const hash = toHex(sha256(utf8('offer')));
      await ledger.keepOffer(hash, { body: '{"a":"\\""}', signature: 'ab'.repeat(65) });
      await reopen();
      expect(await ledger.offers()).toEqual([{ hash, signed: { body: '{"a":"\\""}', signature: 'ab'.repeat(65) } }]);
      await ledger.forgetOffers([hash]);
      expect(await ledger.offers()).toEqual([]);
    });
  });
}
