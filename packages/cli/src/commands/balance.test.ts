import { expect, test } from 'vitest';
import { describeBooks, describeWallet } from './balance.ts';
import { describeEarnings } from './earnings.ts';

test('describes a wallet: granted, spent, left, at risk, and what providers owe it', () => {
  const lines = describeWallet({
    payer: '0x1',
    granted: '1000',
    locked: '200',
    spent: '60',
    writtenOff: '40',
    couldLose: '5',
    spentToday: '10',
    signedToday: '15',
    accounts: [{ key: 'k1', channels: 1, locked: '20', spent: '6', writtenOff: '4', couldLose: '5' }],
    providers: [
      {
        did: 'did:key:a',
        channels: ['c1'],
        available: '700',
        locked: '200',
        spent: '60',
        unanswered: { count: 2, amount: '40' },
        lost: { count: 0, amount: '0' },
      },
    ],
  });
  expect(lines).toContain('granted     1000 credits, by 1 provider');
  expect(lines).toContain('left        900; 200 of the granted are locked in open channels');
  expect(lines).toContain('            60 spent, 700 free, 200 in 1 open channel');
  expect(lines).toContain('key         k1: 6 spent, 20 locked, could lose 5, written off 4');
  expect(lines).toContain('            channel c1');
  expect(lines.at(-1)).toBe('            AGAINST IT: 40 charged for 2 answers that did not arrive');
});

test("describes a provider's ledger: earnings on open and closed channels, and what no voucher covers", () => {
  const lines = describeBooks({
    payee: '0x2',
    unit: 'credit',
    granted: '1010',
    available: '990',
    locked: '20',
    spent: '4',
    charged: '9',
    uncovered: '1',
    reserved: '0',
    inFlight: 0,
    openChannels: 1,
  });
  expect(lines).toContain('earned      13 credit: 9 on open channels, 4 on closed ones');
  expect(lines).toContain('granted     1010: payers have 990 free and 20 in 1 open channel');
});

test('lists earnings by day, newest first, and by index, with the sum', () => {
  const earned = (day: string, index: string, answers: number, charged: string) => ({ day, index, answers, charged });
  expect(
    describeEarnings(
      [earned('2026-11-27', 'b', 2, '4'), earned('2026-11-28', 'b', 1, '2'), earned('2026-11-28', 'a', 1, '90')],
      'credit',
    ),
  ).toEqual([
    '2026-11-28  a: 90 credit for 1 answer',
    '2026-11-28  b: 2 credit for 1 answer',
    '2026-11-27  b: 4 credit for 2 answers',
    'total       96 credit for 4 answers',
  ]);
  expect(describeEarnings([], 'credit')).toEqual(['nothing was earned yet']);
});
