import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { openClient, type OpenClient, type SpendCaps } from '@tributary/client';
import { buildPage } from '@tributary/console';
import { openEmbedder, type Embedder } from '@tributary/store';
import { openAdminServer } from './admin/admin-server.ts';
import { adminSocketPath } from './admin/socket-path.ts';
import { enterRendezvous, readRendezvous } from './discovery/rendezvous.ts';
import { gatewayAdmin } from './gateway/admin-methods.ts';
import { createGateway } from './gateway/server.ts';
import { openProofStore } from './gateway/proof-store.ts';
import type { Readiness } from './gateway/types.ts';
import type { Log } from './observe/log.ts';
import { createMetrics } from './observe/metrics.ts';
import { observeNode } from './observe/node-metrics.ts';
import { closeAll, type Closer } from './close-all.ts';

export interface GatewayConfig {
  dataDirectory: string;
  host?: string;
  /** 0: any free port. */
  port: number;
  /** libp2p multiaddrs to listen on. */
  listen: string[];
  bootstrap: string[];
  /** Folder in which nodes of this machine find each other; null: not used. */
  rendezvous: string | null;
  /** Model that queries are embedded with when an index uses it; null: providers embed. */
  modelDirectory: string | null;
  /** Owners whose priced indexes a question without an index may go to. */
  allowed?: string[];
  caps?: Partial<SpendCaps>;
  log: Log;
}

export interface GatewayNode {
  readonly url: string;
  /** libp2p addresses, peer id included. */
  addresses(): string[];
  /** Address of the wallet that providers grant credit to. */
  readonly payer: string;
  readonly client: OpenClient;
  close(): Promise<void>;
}

/** Starts a gateway: client, HTTP routes, discovery, admin socket. The only place where these are wired. */
export async function startGateway(config: GatewayConfig): Promise<GatewayNode> {
  const closers: Closer[] = [];
  try {
    return await start(config, closers);
  } catch (error) {
    await closeAll(closers, config.log);
    throw error;
  }
}

async function start(config: GatewayConfig, closers: Closer[]): Promise<GatewayNode> {
  const { log } = config;
  const metrics = createMetrics();
  const embedder = lazyEmbedder(config.modelDirectory, closers);
  const client = await openClient({
    directory: config.dataDirectory,
    listen: config.listen,
    bootstrap: config.bootstrap,
    neighbours: () => neighbours(config.rendezvous),
    allowed: (did) => config.allowed?.includes(did) ?? false,
    embed: async (text, digest) => embedder(text, digest),
    ...(config.caps ? { caps: config.caps } : {}),
  });
  closers.push(['client', () => client.close()]);
  observeNode(metrics.registry, () => client.node.stats());
  const proofs = await openProofStore({ directory: join(config.dataDirectory, 'proofs'), log, metrics });
  closers.push(['proofs', () => proofs.close()]);
  const gateway = await createGateway({
    client,
    consistency: client.consistency,
    proofs,
    log,
    metrics,
    ready: () => readiness(client),
    page: buildPage,
    now: Date.now,
    requestId: randomUUID,
    port: config.port,
    ...(config.host === undefined ? {} : { host: config.host }),
  });
  closers.push(['http', () => gateway.close()]);
  const { url } = await gateway.listen();
  if (config.rendezvous !== null) {
    const leave = await enterRendezvous(config.rendezvous, {
      peerId: client.node.peerId,
      addresses: client.node.addresses(),
      pid: process.pid,
    });
    closers.push(['rendezvous', leave]);
  }
  const admin = await openAdminServer(adminSocketPath(config.dataDirectory), gatewayAdmin(client, url));
  closers.push(['admin', () => admin.close()]);
  await client.discovery.round();
  return {
    url,
    addresses: () => client.node.addresses(),
    payer: client.wallet.address,
    client,
    close: () => closeAll(closers, log),
  };
}

function readiness(client: OpenClient): Readiness {
  const providers = new Set(client.offers().map(({ identity }) => identity.did)).size;
  return providers > 0 ? { ready: true, providers } : { ready: false, providers, reason: 'no provider is known yet' };
}

async function neighbours(rendezvous: string | null): Promise<string[]> {
  return rendezvous === null ? [] : (await readRendezvous(rendezvous, '')).flatMap(({ addresses }) => addresses);
}

/** Loads the model at the first question that needs it; a question for an index of another model is left to its provider. */
function lazyEmbedder(
  modelDirectory: string | null,
  closers: Closer[],
): (text: string, digest: string) => Promise<Float32Array | null> {
  let opening: Promise<Embedder> | null = null;
  return async (text, digest) => {
    if (modelDirectory === null) return null;
    opening ??= openEmbedder({ modelDirectory, workers: 1 }).then((embedder) => {
      closers.unshift(['embedder', () => embedder.close()]);
      return embedder;
    });
    const embedder = await opening;
    return embedder.digest === digest ? ((await embedder.embed([text], 'query'))[0] ?? null) : null;
  };
}
