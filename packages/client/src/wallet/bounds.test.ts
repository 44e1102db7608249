// Rows of a wallet that were edited under a right checksum: nothing is signed from a wrong number.
import { beforeEach, describe, expect, it } from 'vitest';
import { ask, disk, lose, never, open, openPayer, request, restart, shop, wallet } from './payer.suite.ts';

beforeEach(openPayer);

/** Edits the one row under a prefix while the wallet is closed. */
async function edit(prefix: string, change: (row: Record<string, unknown>) => void): Promise<void> {
  await wallet.close();
  const key = [...disk.rows().keys()].find((one) => one.startsWith(prefix))!;
  const row = JSON.parse(disk.rows().get(key)!) as Record<string, unknown>;
  change(row);
  disk.rows().set(key, JSON.stringify(row));
}
const refused = () => expect(open()).rejects.toMatchObject({ code: 'WALLET_DAMAGED' });

describe('a channel whose row was edited', () => {
  it.each<[string, (row: Record<string, unknown>) => void]>([
    ['acknowledged more than its receipts sum to', (row) => (row['acked'] = '9')],
    [
      'acknowledged more than was signed',
      (row) => Object.assign(row, { acked: '4007', chain: { ...(row['chain'] as object), total: '4007' } }),
    ],
    ['signed less than was acknowledged', (row) => (row['signed'] = '6')],
    ['asked for less than is locked', (row) => (row['asked'] = '1')],
    ['booked a receipt that is not in the chain', (row) => (row['chain'] = { ...(row['chain'] as object), total: '0' })],
  ])('%s: refused', async (_, change) => {
    await ask();
    await edit('channel/', change);
    await refused();
  });

  it('and says that thousands were signed promises no more than its tickets', async () => {
    const before = await ask();
    await edit('channel/', (row) => Object.assign(row, { signed: '300' }));
    await open();
    await wallet.resync(shop.payee, shop.ledger, never);
    const payment = await wallet.reserve(request(), shop.ledger);
    expect([before.voucher.cumulative, payment.voucher.cumulative]).toEqual(['10', '17']); // 7 acknowledged, 10 asked
    await shop.serve(wallet, payment, 7n);
    expect(await wallet.totals()).toMatchObject({ spent: 14n, writtenOff: 0n });
  });

  it('and says so while a ticket is lost sends that ticket with its own voucher', async () => {
    await ask();
    const lost = await lose(7n);
    await edit('channel/', (row) => (row['signed'] = '300'));
    await open();
    const sent: string[] = [];
    await wallet.resync(shop.payee, shop.ledger, async ({ payment }) => {
      sent.push(payment.voucher.cumulative);
      return 'over';
    });
    expect(sent).toEqual([lost.voucher.cumulative]);
  });

  it('and says that a question was refused repeats it within its tickets', async () => {
    await ask();
    await edit('channel/', (row) => (row['signed'] = '300'));
    await open();
    await wallet.resync(shop.payee, shop.ledger, never);
    const first = await wallet.reserve(request(), shop.ledger);
    await wallet.release(first);
    wallet.doubt(first, true);
    await wallet.resync(shop.payee, shop.ledger, never);
    const second = await wallet.reserve({ ...request(), before: first }, shop.ledger);
    expect(BigInt(second.voucher.cumulative)).toBe(17n);
  });
});

describe('a ticket whose row was edited', () => {
  it.each<[string, (row: { ticket: Record<string, unknown>; voucher: Record<string, unknown> }) => void]>([
    ['a higher price', ({ ticket }) => (ticket['maxCharge'] = '4000')],
    ['another question', ({ ticket }) => (ticket['request'] = 'b'.repeat(64))],
    ['a later deadline', ({ ticket }) => (ticket['deadline'] = Number(ticket['deadline']) + 1)],
    ['a higher voucher', ({ voucher }) => (voucher['cumulative'] = '4000')],
    ['a lower voucher', ({ voucher }) => (voucher['cumulative'] = '1')],
    [
      'another signature',
      ({ voucher }) => (voucher['signature'] = `${String(voucher['signature']).slice(0, 60)}${'0'.repeat(70)}`),
    ],
  ])('%s: refused', async (_, change) => {
    await ask();
    await lose(7n);
    await edit('ticket/', (row) => change(row as never));
    await refused();
  });

  it('is read again as it was written', async () => {
    await ask();
    await lose(7n);
    await restart();
    expect(wallet.waiting()).toHaveLength(1);
  });
});
