import { expect, test } from 'vitest';
import { describeKey } from './show.ts';

const key = {
  id: 'a'.repeat(16),
  name: 'notebook',
  permissions: ['read' as const],
  indexes: ['*'],
  budget: { total: '500', perDay: null },
  rate: null,
  writer: null,
  createdAt: 0,
  expiresAt: null,
  revokedAt: null,
  state: 'active' as const,
  spent: { total: '120', today: '20' },
};

test('a key of a running gateway shows what its account paid and has locked; without an account it does not', () => {
  const account = { channels: 2, locked: 96n, spent: 117n, writtenOff: 3n, couldLose: 6n };
  const line = '    account: paid 117, 96 locked in 2 open channels, could lose 6, written off 3';
  expect(describeKey({ ...key, account })).toContain(line);
  expect(describeKey({ ...key, account: null }).join('\n')).not.toContain('account');
  expect(describeKey(key)).toContain('    spent 120 of 500 in total, 20 today (UTC)');
});
