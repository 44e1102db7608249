import '@tributary/runtime/node-gc';
import { startGateway } from '@tributary/relay';
import { silentLog } from '@tributary/relay/testing';
import { serveRemote } from '../processes.ts';
import type { ClientStart, GatewayCalls, GatewayReady } from './types.ts';

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
    calls: { paid: async () => ({ acknowledged: (await gateway.client.wallet.totals()).spentToday }) },
    close: () => gateway.close(),
  };
});
