import { join } from 'node:path';
import { startGateway, type GatewayConfig, type GatewayNode } from './gateway-node.ts';
import { createOwnIndexes } from './own/own-indexes.ts';
import { openParts } from './parts.ts';
import { startProvider } from './provider.ts';
import type { ProviderConfig, ProviderNode } from './provider/types.ts';

/**
 * What a provider and a gateway in one process need; the data folder is the provider's, with the gateway's in
 * `gateway`.
 */
export interface NodeConfig
  extends
    Pick<ProviderConfig, 'dataDirectory' | 'listen' | 'bootstrap' | 'rendezvous' | 'modelDirectory' | 'log'>,
    Pick<GatewayConfig, 'host' | 'port' | 'tls' | 'allowed' | 'caps'> {}

export interface RunningNode {
  readonly provider: ProviderNode;
  readonly gateway: GatewayNode;
  /** Ends the gateway first, so that nothing more is asked of the provider. */
  close(): Promise<void>;
}

/** Where the gateway of a node hears of others: from this machine, as nobody dials a client. */
const GATEWAY_LISTEN = ['/ip4/127.0.0.1/tcp/0'];

/**
 * Starts a node: a provider with a store of its own, and a gateway that reads and writes it in process.
 *
 * @throws what {@link startProvider} and {@link startGateway} throw
 */
export async function startNode(config: NodeConfig): Promise<RunningNode> {
  const { dataDirectory, listen, bootstrap, rendezvous, modelDirectory, log, host, port, tls, allowed, caps } = config;
  return openParts(log, async (parts) => {
    const shared = { rendezvous, modelDirectory, log };
    const opening = startProvider({ ...shared, dataDirectory, listen, bootstrap, policy: (stored) => stored });
    const provider = await parts.open('provider', opening);
    const gateway = startGateway({
      ...shared,
      dataDirectory: join(dataDirectory, 'gateway'),
      port,
      apiKeysDirectory: join(dataDirectory, 'api-keys'),
      ...(tls === undefined ? {} : { tls }),
      ...(host === undefined ? {} : { host }),
      ...(allowed === undefined ? {} : { allowed }),
      ...(caps === undefined ? {} : { caps }),
      listen: GATEWAY_LISTEN,
      bootstrap: [...bootstrap, ...provider.addresses()],
      node: { own: createOwnIndexes(provider), embedder: provider.embedder },
    });
    return { provider, gateway: await parts.open('gateway', gateway) };
  });
}
