import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { checkFolder } from '@tributary/runtime';
import { openReranker, type Reranker } from '@tributary/store';
import { startGateway, type GatewayConfig, type GatewayNode } from './gateway-node.ts';
import { createOwnIndexes } from './own/own-indexes.ts';
import { openParts } from './parts.ts';
import { startProvider } from './provider.ts';
import type { ProviderConfig, ProviderNode } from './provider/types.ts';

/**
 * Options of a provider and a gateway in one process. The data folder is the provider's; the gateway uses its subfolder
 * `gateway`.
 */
export interface NodeConfig
  extends
    Pick<
      ProviderConfig,
      | 'dataDirectory'
      | 'listen'
      | 'bootstrap'
      | 'rendezvous'
      | 'modelDirectory'
      | 'device'
      | 'modelIdleMs'
      | 'endpoint'
      | 'sellEmbeddings'
      | 'engineUrl'
      | 'graphs'
      | 'log'
    >,
    Pick<GatewayConfig, 'host' | 'port' | 'tls' | 'allowed' | 'caps' | 'buyEmbeddings' | 'imports' | 'mcp'> {
  /** Folder of a model that reranks. Default: none. */
  rerankModelDirectory?: string | undefined;
}

export interface RunningNode {
  readonly provider: ProviderNode;
  readonly gateway: GatewayNode;
  /** Null: none. */
  readonly reranker: Reranker | null;
  /** Ends the gateway first, so that the provider gets no more questions from it. */
  close(): Promise<void>;
}

/** Nobody dials a client, so the gateway of a node listens on this machine only. */
const GATEWAY_LISTEN = ['/ip4/127.0.0.1/tcp/0'];

/**
 * Starts a node: a provider with a store, and a gateway that reads and writes the store in process.
 *
 * @throws what {@link startProvider} and {@link startGateway} throw
 */
export async function startNode(config: NodeConfig): Promise<RunningNode> {
  const { dataDirectory, listen, bootstrap, rendezvous, modelDirectory, device, endpoint, sellEmbeddings, log } = config;
  const { engineUrl, graphs } = config;
  const { host, port, tls, allowed, caps, buyEmbeddings, imports, mcp, rerankModelDirectory, modelIdleMs } = config;
  return openParts(log, async (parts) => {
    const shared = { rendezvous, modelDirectory, log };
    const on = device === undefined ? {} : { device };
    const idle = modelIdleMs === undefined ? {} : { modelIdleMs };
    // First, so that a wrong folder ends the start at once.
    const reranker =
      rerankModelDirectory === undefined
        ? null
        : await parts.open('reranker', openReranker({ modelDirectory: rerankModelDirectory, ...on, idleMs: modelIdleMs }));
    await checkFolder(join(dataDirectory, 'gateway'));
    const opening = startProvider({
      ...shared,
      ...on,
      ...idle,
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(sellEmbeddings === undefined ? {} : { sellEmbeddings }),
      ...(engineUrl === undefined ? {} : { engineUrl }),
      ...(graphs === undefined ? {} : { graphs }),
      dataDirectory,
      listen,
      bootstrap,
      policy: (stored) => stored,
    });
    const provider = await parts.open('provider', opening);
    const uploads = await emptyFolder(join(dataDirectory, 'uploads'), provider.folder.readOnly);
    await provider.folder.expect('gateway/manifest.json');
    // The wallet of a rehearsal is a copy: it must meet nobody, or the original's channels would be given up.
    const network = provider.rehearsal ? { bootstrap: [], rendezvous: null } : { bootstrap, rendezvous };
    const gateway = startGateway({
      ...shared,
      imports,
      dataDirectory: join(dataDirectory, 'gateway'),
      port,
      apiKeys: { directory: join(dataDirectory, 'api-keys'), parts: provider.folder },
      ...(tls === undefined ? {} : { tls }),
      ...(host === undefined ? {} : { host }),
      ...(allowed === undefined ? {} : { allowed }),
      ...(caps === undefined ? {} : { caps }),
      ...(buyEmbeddings === undefined ? {} : { buyEmbeddings }),
      ...(mcp === undefined ? {} : { mcp }),
      listen: GATEWAY_LISTEN,
      rendezvous: network.rendezvous,
      bootstrap: [...network.bootstrap, ...provider.addresses()],
      node: { own: createOwnIndexes(provider, uploads), embedder: provider.embedder, reranker },
    });
    const opened = { provider, reranker, gateway: await parts.open('gateway', gateway) };
    await provider.folder.note();
    return opened;
  });
}

/** What a crash left of files on their way in is of no use. The provider's lock is held by now. */
async function emptyFolder(path: string, readOnly: boolean): Promise<string> {
  if (readOnly) return path;
  await rm(path, { recursive: true, force: true });
  await mkdir(path, { recursive: true, mode: 0o700 });
  return path;
}
