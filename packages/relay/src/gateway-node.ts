import { randomBytes, randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { openClient, type OpenClient, type SpendCaps } from '@tributary/client';
import { buildPage } from '@tributary/console';
import type { Embedder, Reranker } from '@tributary/store';
import { checkPart, createSteadyClock, type FolderParts } from '@tributary/runtime';
import { createAccountKeeper } from './accounts/account-keeper.ts';
import { accountsCloseEveryMs } from './accounts/limits.ts';
import { openAdminServer } from './admin/admin-server.ts';
import { apiKeyAdmin } from './api-keys/admin-methods.ts';
import { openApiKeys } from './api-keys/api-keys.ts';
import type { ApiKeys } from './api-keys/types.ts';
import { enterLocalNodes, localAddresses } from './discovery/local-nodes.ts';
import { gatewayAdmin } from './gateway/admin-methods.ts';
import { createEmbeddingMarket, type BuyWhen } from './gateway/embeddings/market.ts';
import { lazyModel, questionsBy, sharedModel, vectorsBy } from './gateway/embeddings/own-model.ts';
import { checkHost } from './gateway/guard.ts';
import { openProofStore } from './gateway/proof-store.ts';
import { createGateway } from './gateway/server.ts';
import type { GatewayDeps, GatewayRoute, Readiness } from './gateway/types.ts';
import type { Log } from './observe/log.ts';
import { createMetrics, type Metrics } from './observe/metrics.ts';
import { observeFolder, observeNode } from './observe/node-metrics.ts';
import { embeddingsDialect, openOpenAi } from './openai/dialect.ts';
import type { OwnIndexes } from './own/types.ts';
import { mcpDialect, type McpOptions } from './mcp/dialect.ts';
import { openPinecone } from './pinecone/dialect.ts';
import type { ImportPlace } from './pinecone/imports/types.ts';
import { openParts, type Parts } from './parts.ts';

export interface GatewayConfig {
  dataDirectory: string;
  /** Folder of the API keys as part of another data folder. Default: `api-keys` in the gateway's own. */
  apiKeys?: { directory: string; parts: FolderParts };
  /** Certificate chain and private key, both PEM; without them the gateway speaks plain HTTP. */
  tls?: { cert: Buffer; key: Buffer };
  host?: string;
  /** 0: any free port. */
  port: number;
  /** libp2p multiaddrs to listen on. */
  listen: string[];
  bootstrap: string[];
  /** Folder in which the nodes of this machine find each other; null: not used. */
  rendezvous: string | null;
  /** Model that embeds queries for the indexes that use it; null: providers embed. */
  modelDirectory: string | null;
  /** Time without a text after which that model is let go until the next, in milliseconds. Default: the store's. */
  modelIdleMs?: number;
  /** Owners whose priced indexes may get a question that names no index. */
  allowed?: string[];
  caps?: Partial<SpendCaps>;
  /** When vectors are bought of the `allowed` owners. Default: never. */
  buyEmbeddings?: BuyWhen;
  /** What the owner decides about agents, which call `/mcp`. */
  mcp?: McpOptions;
  /** Places whose files callers of Pinecone's API may import. Default: none. */
  imports?: readonly ImportPlace[] | undefined;
  /** The node's own indexes and its models: one embeds the questions. Absent in a gateway without a store. */
  node?: { own: OwnIndexes; embedder: Embedder; reranker?: Reranker | null };
  log: Log;
}

export interface GatewayNode {
  readonly url: string;
  /** libp2p addresses with the peer id. */
  addresses(): string[];
  /** Address of the wallet that providers grant credit to. */
  readonly payer: string;
  readonly client: OpenClient;
  /** Its HTTP routes as they are declared, for whoever checks a node from outside. */
  readonly routes: readonly GatewayRoute[];
  close(): Promise<void>;
}

/**
 * Starts a gateway: client, proof store, HTTP routes, discovery, admin socket. This is the only place that wires them.
 */
export function startGateway(config: GatewayConfig): Promise<GatewayNode> {
  return openParts(config.log, (parts) => start(config, parts));
}

async function start(config: GatewayConfig, parts: Parts): Promise<Omit<GatewayNode, 'close'>> {
  const { log, dataDirectory, rendezvous } = config;
  const metrics = createMetrics();
  const apiKeys = await parts.open('api-keys', openOwnApiKeys(config));
  checkHost(config.host ?? '127.0.0.1', apiKeys.needed()); // before a key or a wallet is created
  const client = await parts.open('client', openOwnClient(config, metrics, parts));
  if (config.apiKeys === undefined) for (const part of API_KEY_PARTS) await client.folder.expect(part);
  observeNode(metrics.registry, () => client.node.stats());
  observeFolder(metrics.registry, client.folder.readOnly);
  const proofs = await parts.open('proofs', openProofStore({ directory: join(dataDirectory, 'proofs'), log, metrics }));
  const opening = createGateway({
    client,
    accounts: client.accounts,
    kept: client.kept,
    credit: { payer: client.wallet.address, of: client.credit },
    consistency: client.consistency,
    apiKeys,
    ...(config.tls === undefined ? {} : { tls: config.tls }),
    proofs,
    log,
    metrics,
    ready: () => readiness(client, config.node !== undefined),
    readOnly: client.folder.readOnly,
    ...(config.node === undefined ? {} : { own: config.node.own }),
    folder: config.apiKeys === undefined ? dataDirectory : dirname(config.apiKeys.directory),
    ...(await openDialects(config, client.folder, parts)),
    page: buildPage,
    now: Date.now,
    requestId: randomUUID,
    port: config.port,
    ...(config.host === undefined ? {} : { host: config.host }),
  });
  const gateway = await parts.open('http', opening);
  const { url } = await gateway.listen();
  await enterLocalNodes(rendezvous, client.node, parts);
  const keeper = createAccountKeeper(client, apiKeys, log);
  parts.every(accountsCloseEveryMs, () => keeper.closeEnded());
  const methods = { ...gatewayAdmin(client, url), ...keeper.methods(apiKeyAdmin(apiKeys)) };
  await parts.open('admin', openAdminServer(dataDirectory, methods, client.folder.readOnly));
  await client.discovery.round();
  const { routes } = gateway;
  return { url, routes, addresses: () => client.node.addresses(), payer: client.wallet.address, client };
}

/** The APIs of others that the gateway speaks. */
async function openDialects(
  { dataDirectory, node, buyEmbeddings, imports, mcp = {} }: GatewayConfig,
  held: FolderParts,
  parts: Parts,
): Promise<Pick<GatewayDeps, 'dialects'>> {
  const marketOf = (deps: GatewayDeps) => (buyEmbeddings === undefined ? null : createEmbeddingMarket(buyEmbeddings, deps));
  if (node === undefined) {
    const openedMs = Date.now();
    return {
      dialects: (inFlight, deps) => [
        mcpDialect(inFlight, deps, mcp),
        ...(buyEmbeddings === undefined
          ? []
          : [embeddingsDialect(createEmbeddingMarket(buyEmbeddings, deps), openedMs, inFlight)]),
      ],
    };
  }
  for (const part of ['openai/db', 'pinecone/db']) await held.expect(part);
  const directory = join(dataDirectory, 'openai');
  const openAi = await parts.open('openai', openOpenAi({ directory, ...node, now: Date.now, randomBytes }));
  const kept = { directory: join(dataDirectory, 'pinecone'), ...node, imports, now: Date.now, randomBytes };
  const pinecone = await parts.open('pinecone', openPinecone(kept));
  await held.note();
  return {
    dialects: (inFlight, deps) => [
      mcpDialect(inFlight, deps, mcp),
      openAi.dialect(inFlight, marketOf(deps)),
      pinecone.dialect(inFlight, deps),
    ],
  };
}

/** They are opened before the gateway's folder, which a gateway that may not answer never makes. */
async function openOwnApiKeys({ apiKeys, dataDirectory }: GatewayConfig): Promise<ApiKeys> {
  if (apiKeys === undefined) for (const part of API_KEY_PARTS) await checkPart(dataDirectory, part);
  else for (const part of API_KEY_PARTS) await apiKeys.parts.expect(part);
  const directory = apiKeys?.directory ?? join(dataDirectory, 'api-keys');
  return openApiKeys({ directory, now: Date.now, dayNow: createSteadyClock(), randomBytes });
}

const API_KEY_PARTS = ['api-keys/spent'];

function openOwnClient(config: GatewayConfig, metrics: Metrics, parts: Parts): Promise<OpenClient> {
  const model = config.node ? sharedModel(config.node.embedder) : lazyModel(config, parts);
  return openClient({
    directory: config.dataDirectory,
    listen: config.listen,
    bootstrap: config.bootstrap,
    neighbours: () => localAddresses(config.rendezvous, ''),
    allowed: (did) => config.allowed?.includes(did) ?? false,
    embed: questionsBy(model),
    checks: {
      recompute: vectorsBy(model),
      checked({ provider, model: digest, cosine, same }) {
        metrics.vectorsChecked.inc({ outcome: same ? 'same' : 'other' });
        if (!same) config.log.error('embedding-fault', { provider, model: digest, cosine });
      },
    },
    ...(config.caps ? { caps: config.caps } : {}),
  });
}

/** A node can always answer from its own store, so it is always ready. */
function readiness(client: OpenClient, hasOwn: boolean): Readiness {
  const providers = new Set([...client.offers(), ...client.embeddings()].map(({ identity }) => identity.did)).size;
  const { readOnly } = client.folder;
  return providers > 0 || hasOwn
    ? { ready: true, providers, readOnly }
    : { ready: false, providers, readOnly, reason: 'no provider is known yet' };
}
