// Money adds up to the unit: receipts, ledger and balances, with 32 paid queries in flight on one channel over real
// sockets.
import { networkOf, receiptHash, recoverReceipt } from '@tributary/proof/payment';
import type { Bundle } from '@tributary/schemas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { grant, startNetwork, type TestNetwork } from './_network.ts';

const IN_FLIGHT = 32;
const QUERIES = 160;
const GRANT = 5_000n;

let network: TestNetwork;
beforeAll(async () => {
  network = await startNetwork({ price: { base: '3', perResult: '2', perKiB: '1' } });
});
afterAll(() => network.close());

describe('32 paid queries in flight on one channel', () => {
  it('are all answered, proven and booked: sums of receipts, ledger and balances are equal to the unit', async () => {
    const client = await network.client('client', network.provider.addresses()[0]!);
    await grant(network, client.wallet.address, GRANT);
    const bundles: Bundle[] = [];
    const texts = ['flood in April', 'ferry cars', 'trout gravel', 'stone bridge', 'water mill'];
    let asked = 0;
    let running = 0;
    let most = 0;
    const worker = async () => {
      while (asked < QUERIES) {
        const number = asked++;
        most = Math.max(most, ++running);
        const text = texts[number % texts.length]!;
        const { answers } = await client.query({ text, index: 'rivers', topK: 1 + (number % 4), minRelevance: 0, mode: 'bm25' });
        bundles.push(answers[0]!.bundle());
        running--;
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
    expect(most).toBe(IN_FLIGHT);
    expect(bundles).toHaveLength(QUERIES);

    const { ledger, keys } = network.provider;
    const network_ = networkOf(keys.owner.did);
    const receipts = bundles.map(({ receipt }) => receipt).toSorted((a, b) => a.sequence - b.sequence);
    let [total, previous] = [0n, '0'.repeat(64)];
    for (const [at, receipt] of receipts.entries()) {
      expect(recoverReceipt(receipt, network_)).toBe(keys.receipt.address);
      expect(receipt).toMatchObject({ sequence: at + 1, previous, chargedTotal: String((total += BigInt(receipt.charge))) });
      previous = receiptHash(receipt, network_);
    }
    expect(new Set(receipts.map(({ channel }) => channel)).size).toBe(1);

    const account = { ...ledger.account(client.wallet.address) };
    const risk = ledger.risk();
    expect(risk).toMatchObject({ granted: GRANT, charged: total, uncovered: 0n, reserved: 0n, inFlight: 0, openChannels: 1 });
    expect(account.available + account.locked).toBe(GRANT);
    const charges = await bookedCharges();
    expect(charges).toHaveLength(QUERIES);
    expect(charges.reduce((sum, charge) => sum + charge, 0n)).toBe(total);
    const totals = await client.wallet.totals();
    expect(totals).toMatchObject({ granted: GRANT, spent: total, spentToday: total, writtenOff: 0n, channels: 1 });
    expect(totals.couldLose).toBe(totals.signedToday - total);

    const { refunded } = await ledger.closeChannel(receipts[0]!.channel);
    expect(refunded).toBe(account.locked - total);
    expect(ledger.account(client.wallet.address)).toMatchObject({ available: GRANT - total, locked: 0n, spent: total });
  });

  it('refusals, errors and empty answers cost nothing', async () => {
    const client = await network.client('careful', network.provider.addresses()[0]!);
    await expect(client.query({ text: 'flood', index: 'rivers' })).rejects.toMatchObject({ code: 'PAYMENT_NEEDED' });
    await grant(network, client.wallet.address, 1_000n);
    const empty = await client.query({ text: 'xylophone', index: 'rivers', mode: 'bm25' });
    expect(empty).toMatchObject({ results: [], answers: [{ usage: { charge: '0' } }] });
    await expect(client.query({ text: 'flood', index: 'rivers', filter: { a: { $near: 1 } } })).rejects.toMatchObject({
      code: 'FILTER_INVALID',
    });
    await expect(client.query({ text: 'flood', index: 'rivers', maxCharge: 1n })).rejects.toMatchObject({ code: 'SPEND_CAP' });
    // The voucher of the empty answer is still valid, so the next question uses its ceiling.
    expect(await client.wallet.totals()).toMatchObject({ spentToday: 0n, writtenOff: 0n });
  });
});

async function bookedCharges(): Promise<bigint[]> {
  const charges: bigint[] = [];
  for await (const line of network.provider.ledger.export()) {
    const { entry } = JSON.parse(line) as { entry: { type: string; charge?: string } };
    if (entry.type === 'charge') charges.push(BigInt(entry.charge!));
  }
  return charges;
}
