import '@tributary/runtime/node-gc';
import { startGateway, type GatewayNode } from '@tributary/relay';
import { askNode } from '@tributary/relay/local';
import { silentLog } from '@tributary/relay/testing';
import { serveRemote } from '../processes.ts';
import { watchVitals } from '../vitals.ts';
import type { ClientStart, GatewayCalls, GatewayReady, MadeKey } from './types.ts';

await serveRemote<ClientStart, GatewayCalls>(async ({ folder, bootstrap }) => {
  const gateway = await startGateway({
    dataDirectory: folder,
    port: 0,
    listen: [],
    bootstrap,
    rendezvous: null,
    modelDirectory: null,
    log: silentLog,
  });
  const ready: GatewayReady = { url: gateway.url, payer: gateway.payer };
  return {
    ready,
    calls: {
      paid: async () => ({ acknowledged: await spentOf(gateway) }),
      makeKey: async () => keyOf(await askNode(folder, 'keyCreate', TERMS)),
      async revokeKey(id) {
        await askNode(folder, 'keyRevoke', { id });
        return null;
      },
      vitals: watchVitals(folder),
    },
    close: () => gateway.close(),
  };
});

const TERMS = {
  name: 'benchmark',
  permissions: ['read'],
  indexes: ['*'],
  budget: { total: null, perDay: null },
  rate: null,
  writer: null,
  expiresAt: null,
};

function keyOf(made: unknown): MadeKey {
  const { key, info } = made as { key: string; info: { id: string } };
  return { id: info.id, key };
}

/** Of its own wallet and of the accounts of its keys. */
async function spentOf({ client: { wallet, accounts } }: GatewayNode): Promise<bigint> {
  const wallets = [wallet, ...(await Promise.all(accounts.ids().map((id) => accounts.of(id))))];
  const totals = await Promise.all(wallets.map((one) => one.totals()));
  return totals.reduce((sum, { spentToday }) => sum + spentToday, 0n);
}
