// A small real network for tests: providers and clients in this process, talking over libp2p TCP sockets, with real
// documents, the real model and real files in a temporary folder.
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openClient, type ClientOptions, type OpenClient } from '@tributary/client';
import {
  parsePolicy,
  readEmbeddingPolicy,
  startGateway,
  startProvider,
  type GatewayConfig,
  type GatewayNode,
  type ProviderNode,
} from '@tributary/relay';
import { silentLog } from '@tributary/relay/testing';

export const modelDirectory = fileURLToPath(new URL('../models/bge-small-en-v1.5', import.meta.url));

const DOCUMENTS: Record<string, string> = {
  'spring.md': '# Floods\n\nThe spring flood of the delta begins in April, when the snow of the mountains melts.',
  'ferry.md': '# Ferries\n\nThe ferry across the lower river runs every twenty minutes and carries forty cars.',
  'trout.md':
    '# Fish\n\nBrown trout spawn on gravel in cold streams with much oxygen.\n\n## Salmon\n\nSalmon return to the stream where they hatched.',
  'mill.md': '# Mills\n\nA water mill turns the weight of falling water into the motion of a stone.',
  'bridge.md': '# Bridges\n\nThe old stone bridge has seven arches and was finished in 1512.',
};

export interface TestNetwork {
  folder: string;
  provider: ProviderNode;
  /** Data folder of the provider. */
  providerData: string;
  /** A client with its own folder and wallet, which knows the given address. */
  client(name: string, bootstrap: string, options?: Partial<ClientOptions>): Promise<OpenClient>;
  gateway(options?: Partial<GatewayConfig>): Promise<GatewayNode>;
  close(): Promise<void>;
}

/** Starts a provider of the index 'rivers' with the given policy (JSON). */
export async function startNetwork(
  policy: object,
  { publish = true, sellEmbeddings }: { publish?: boolean; sellEmbeddings?: string } = {},
): Promise<TestNetwork> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-network-'));
  const documents = join(folder, 'documents');
  await mkdir(documents);
  for (const [name, text] of Object.entries(DOCUMENTS)) await writeFile(join(documents, name), text);
  const providerData = join(folder, 'provider');
  const provider = await startProvider({
    dataDirectory: providerData,
    listen: ['/ip4/127.0.0.1/tcp/0'],
    bootstrap: [],
    rendezvous: null,
    modelDirectory,
    policy: () => parsePolicy(JSON.stringify(policy), 'test policy'),
    ...(sellEmbeddings === undefined ? {} : { sellEmbeddings: await readEmbeddingPolicy(sellEmbeddings) }),
    log: silentLog,
  });
  const index = await provider.openIndex('rivers', { title: 'Rivers', licence: 'CC-BY-4.0' });
  await index.ingest([documents], provider.ingestOptions(index));
  if (publish) await provider.publish('rivers');
  const closers: (() => Promise<void>)[] = [() => provider.close()];
  return {
    folder,
    provider,
    providerData,
    client: async (name, bootstrap, options = {}) => {
      const client = await openClient({ directory: join(folder, name), bootstrap: [bootstrap], ...options });
      let closed: Promise<void> | null = null;
      const close = () => (closed ??= client.close());
      closers.push(close);
      await client.refresh();
      return { ...client, close };
    },
    gateway: async (options = {}) => {
      const gateway = await startGateway({
        dataDirectory: join(folder, 'gateway'),
        port: 0,
        listen: [],
        bootstrap: [provider.addresses()[0]!],
        rendezvous: null,
        modelDirectory: null,
        log: silentLog,
        ...options,
      });
      closers.push(() => gateway.close());
      return gateway;
    },
    close: async () => {
      for (const close of closers.toReversed()) await close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export async function grant(network: TestNetwork, payer: string, amount = 10_000n): Promise<void> {
  await network.provider.ledger.grant({ payer, amount, note: 'test' });
}
