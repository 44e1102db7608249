import type { WalletTotals, Wallet } from '@tributary/client';
import { TributaryError } from '@tributary/schemas';
import { expect, test } from 'vitest';
import type { ApiKeyInfo } from '../api-keys/types.ts';
import { createLog } from '../observe/log.ts';
import { closeChannel, closeEnded } from './close-channels.ts';
import type { AccountsClient } from './types.ts';

/** A gateway's wallets, each with the channels given; `open` is what is left of them. */
function wallets(channels: Record<string, string[]>, refuse: string[] = []) {
  const open = structuredClone(channels);
  const walletOf = (name: string): Wallet => {
    const totals = async () => ({ providers: [{ channels: [...open[name]!] }] }) as unknown as WalletTotals;
    return { address: name, totals } as unknown as Wallet;
  };
  const client = {
    wallet: walletOf('own'),
    accounts: { ids: () => Object.keys(channels).filter((name) => name !== 'own'), of: async (id: string) => walletOf(id) },
    closeChannel: async (channel: string, { address } = walletOf('own')) => {
      if (refuse.includes(channel)) throw new TributaryError('CHANNEL_BUSY', 'planted');
      expect(open[address]).toContain(channel);
      open[address] = open[address]!.filter((one) => one !== channel);
      return 5n;
    },
  } as unknown as AccountsClient;
  return { client, open };
}
const key = (id: string, state: ApiKeyInfo['state']) => ({ id, state }) as ApiKeyInfo;

test('ends the channels of revoked, expired and forgotten keys, and of no others; what fails is for the next time', async () => {
  const before = { own: ['c0'], a: ['c1'], b: ['c2', 'c3'], c: ['c4'], d: ['c5'] };
  const { client, open } = wallets(before, ['c2']);
  const lines: string[] = [];
  const log = createLog({ json: true, now: () => 0, write: (line) => void lines.push(line) });
  await closeEnded(client, [key('a', 'active'), key('b', 'revoked'), key('c', 'expired')], log);
  expect(open).toEqual({ own: ['c0'], a: ['c1'], b: ['c2'], c: [], d: [] });
  expect(lines.filter((line) => line.includes('account-channel-open')).join('')).toContain('"account":"b"');
});

test('finds the wallet that has a channel', async () => {
  const { client, open } = wallets({ own: ['c0'], a: ['c1'], b: ['c2'] });
  expect([await closeChannel(client, 'c2'), await closeChannel(client, 'c0')]).toEqual([5n, 5n]);
  expect(open).toEqual({ own: [], a: ['c1'], b: [] });
});
