import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { networkOf, recoverVoucher, ticketHash } from '@tributary/proof';
import type { Receipt } from '@tributary/schemas';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openLocalWallet } from './local-wallet.ts';
import { plainOpener } from './shop.suite.ts';
import type { LostPayment, Payment, PaymentRequest, Wallet } from './wallet.ts';

const network = networkOf('did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH');
const payee = { payee: `0x${'2'.repeat(40)}`, network, maxInFlight: 8 };
const zero = '0'.repeat(64);
const statements = {
  offer: { body: '{}', signature: 'a'.repeat(130) },
  identity: { body: '{}', signature: 'A'.repeat(86), payeeSignature: 'a'.repeat(130) },
};
const privateKey = randomBytes(32);
const opener = plainOpener(network);

let folder: string;
let wallet: Wallet;
const open = async () => {
  const caps = { perCall: null, perDay: null, deposit: 1_000n };
  wallet = await openLocalWallet({ directory: folder, privateKey, caps, now: Date.now, randomBytes });
};
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-recovery-'));
  await open();
});
afterEach(async () => {
  await wallet.close();
  await rm(folder, { recursive: true });
});
/** As after a kill: what is on disk is all that is left. */
const restart = async () => {
  await wallet.close();
  await open();
};

const request = (question: string): PaymentRequest => ({
  payee,
  offerHash: '3'.repeat(64),
  requestHash: '4'.repeat(64),
  ticketId: randomBytes(16).toString('base64url'),
  maxCharge: 3n,
  deadline: Date.now() + 5_000,
  origin: { nonce: 'nonce', body: question, ...statements },
});
const reserve = (question: string) => wallet.reserve(request(question), opener);
const receiptOf = ({ channel, ticket }: Payment, sequence: number): Receipt => ({
  channel,
  ticket: ticket.id,
  sequence,
  requestHash: ticket.request,
  responseHash: zero,
  offerHash: ticket.offer,
  manifestHash: zero,
  snapshot: 1,
  status: 'ok',
  charge: '2',
  chargedTotal: String(2 * sequence),
  servedAt: 1,
  previous: sequence === 1 ? zero : hashOf(sequence - 1),
  signature: '',
});
const hashOf = (sequence: number) => String(sequence).repeat(64);
const settle = (payment: Payment, sequence: number) =>
  wallet.acknowledge(payment, receiptOf(payment, sequence), hashOf(sequence));

/** A channel whose first answer was verified, and two tickets whose answers are out. */
async function twoInFlight(): Promise<Payment[]> {
  await settle(await reserve('first'), 1);
  return [await reserve('second'), await reserve('third')];
}

it('hands out after a restart what was in flight: same ticket, same bytes, no higher promise', async () => {
  const sent = await twoInFlight();
  await restart();
  expect(await wallet.totals()).toMatchObject({ couldLose: 6n });
  const lost: LostPayment[] = [];
  await wallet.recover(payee, async (one) => {
    lost.push(one);
    await settle(one.payment, 1 + lost.length);
  });
  const byId = (a: { ticket: { id: string } }, b: { ticket: { id: string } }) => (a.ticket.id < b.ticket.id ? -1 : 1);
  expect(lost.map(({ payment }) => payment.ticket).toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual(
    sent.toSorted(byId).map(({ ticket }) => ticket),
  );
  expect(lost.map(({ origin }) => origin.body).toSorted()).toEqual(['second', 'third']);
  expect(lost[0]!.origin).toMatchObject({ nonce: 'nonce', ...statements });
  const highest = sent.map(({ voucher }) => BigInt(voucher.cumulative)).reduce((a, b) => (a > b ? a : b));
  for (const { payment } of lost) {
    const { channel, ticket, voucher } = payment;
    expect(BigInt(voucher.cumulative)).toBe(highest);
    expect(recoverVoucher({ channel, cumulative: voucher.cumulative, ctx: ticketHash(ticket) }, voucher.signature, network)).toBe(
      wallet.address,
    );
  }
  expect(await wallet.totals()).toMatchObject({ couldLose: 0n, spentToday: 6n });
});

it('leaves alone what somebody still waits for, and takes what nobody waits for any more', async () => {
  const [second, third] = await twoInFlight();
  const asked: string[] = [];
  const note = async ({ origin }: LostPayment) => void asked.push(origin.body);
  await wallet.recover(payee, note);
  expect(asked).toEqual([]);
  wallet.lose(second!);
  await wallet.recover(payee, note);
  await wallet.recover(payee, note); // still open: asked again each time
  expect(asked).toEqual(['second', 'second']);
  await wallet.release(second!);
  await settle(third!, 2);
  wallet.lose(third!); // settled already: nothing to lose
  await wallet.recover(payee, note);
  expect(asked).toEqual(['second', 'second']);
});

it('asks each lost ticket once however many want to pay, and all of them learn that it failed', async () => {
  await twoInFlight();
  await restart();
  let asked = 0;
  const fail = async () => {
    asked += 1;
    await new Promise((resolve) => setTimeout(resolve, 10));
    throw new Error('unreachable');
  };
  const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => wallet.recover(payee, fail)));
  expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
  expect(asked).toBe(2);
  expect(await wallet.totals()).toMatchObject({ couldLose: 6n });
});

it('keeps the statements of an offer only as long as a ticket under it is open', async () => {
  const payment = await reserve('first');
  await restart();
  let origins = 0;
  await wallet.recover(payee, async () => void (origins += 1));
  expect(origins).toBe(1);
  await wallet.release(payment);
  await restart(); // forgets them now
  await settle(await reserve('again'), 1);
  const open = await reserve('second');
  await restart();
  await wallet.recover(payee, async ({ payment: { ticket }, origin }) => {
    expect(ticket.id).toBe(open.ticket.id);
    expect(origin).toMatchObject(statements);
    origins += 1;
  });
  expect(origins).toBe(2);
});
