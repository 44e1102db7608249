import type { Embedder, Index, IndexCard, IngestOptions, NewIndex, Store } from '@tributary/store';
import type { NodeKeys } from '../keys.ts';
import type { Log } from '../observe/log.ts';
import type { Ledger } from '../payments/ledger.ts';
import type { Policy } from '../policy/policy.ts';
import type { PublicationPreview } from './publication.ts';

export interface ProviderConfig {
  dataDirectory: string;
  /** libp2p multiaddrs to listen on. */
  listen: string[];
  bootstrap: string[];
  /** Folder in which nodes of this machine find each other; null: not used. */
  rendezvous: string | null;
  modelDirectory: string;
  /** Policy of an index that is opened, from the one it had: `(stored) => stored` keeps it. */
  policy(stored: Policy): Policy;
  log: Log;
  /** Port on loopback for `GET /metrics`; not opened unless given. */
  metricsPort?: number;
}

export interface ProviderNode {
  readonly keys: NodeKeys;
  readonly store: Store;
  readonly ledger: Ledger;
  readonly embedder: Embedder;
  /** True when the node runs on a restored copy that its owner has not made live: it is announced to nobody. */
  readonly rehearsal: boolean;
  addresses(): string[];
  /** Opens an index of this name, making it when there is none; private unless it was published before. */
  openIndex(name: string, card: Partial<IndexCard>): Promise<Index>;
  /** Makes a private index. @throws StoreError INDEX_NAME, INDEX_EXISTS, RECORD_INVALID */
  createIndex(index: Omit<NewIndex, 'visibility' | 'custody'>): Promise<Index>;
  /** Options for ingest that follow the policy: licence, and what is sold. */
  ingestOptions(index: Index): IngestOptions;
  /** Makes the offers say what the indexes are now; done by itself every minute. */
  refreshOffers(): Promise<void>;
  publishPreview(nameOrId: string): Promise<PublicationPreview>;
  /** Removes an index: its data, policy and offers. */
  deleteIndex(name: string): Promise<void>;
  publish(nameOrId: string): Promise<void>;
  unpublish(nameOrId: string): Promise<void>;
  /** Drains what is being served, then closes every part. */
  close(): Promise<void>;
}
