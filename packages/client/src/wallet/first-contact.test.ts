import { mkdtemp, rm } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { networkOf } from '@tributary/proof';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openLocalWallet } from './local-wallet.ts';
import { plainOpener } from './shop.suite.ts';
import type { Payment, Wallet } from './wallet.ts';

const network = networkOf('did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH');
const payee = { payee: `0x${'2'.repeat(40)}`, network, maxInFlight: 8 };
const opener = plainOpener(network);
const hash = '1'.repeat(64);

let folder: string;
let wallet: Wallet;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tributary-wallet-'));
  const caps = { perCall: null, perDay: null, deposit: 1_000n };
  wallet = await openLocalWallet({ directory: folder, privateKey: randomBytes(32), caps, now: Date.now, randomBytes });
});
afterEach(async () => {
  await wallet.close();
  await rm(folder, { recursive: true });
});

it('lets one of many simultaneous queries go first, because nothing is known of the provider yet', async () => {
  const reserved: Payment[] = [];
  const reserve = async () => {
    const ticketId = randomBytes(16).toString('base64url');
    const request = { payee, offerHash: hash, requestHash: hash, ticketId, maxCharge: 3n, deadline: Date.now() + 5_000 };
    const payment = await wallet.reserve(request, opener);
    reserved.push(payment);
    return payment;
  };
  const all = Array.from({ length: 8 }, reserve);
  const first = await Promise.race(all);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(reserved).toHaveLength(1);
  expect((await wallet.totals()).couldLose).toBe(3n);
  await wallet.acknowledge(first, { ...receiptOf(first), sequence: 1 }, hash);
  await Promise.all(all);
  expect((await wallet.totals()).couldLose).toBe(21n);
});

function receiptOf({ channel, ticket }: Payment) {
  const zero = '0'.repeat(64);
  return {
    channel,
    ticket: ticket.id,
    sequence: 1,
    requestHash: ticket.request,
    responseHash: zero,
    offerHash: ticket.offer,
    manifestHash: zero,
    snapshot: 1,
    status: 'ok' as const,
    charge: '2',
    chargedTotal: '2',
    servedAt: 1,
    previous: zero,
    signature: '',
  };
}
