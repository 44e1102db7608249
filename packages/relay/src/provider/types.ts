import type { FolderParts } from '@tributary/runtime';
import type {
  DeviceWish,
  Embedder,
  EndpointOptions,
  GraphPlace,
  Index,
  IndexCard,
  IngestOptions,
  NewIndex,
  Store,
} from '@tributary/store';
import type { NodeKeys } from '../keys.ts';
import type { Log } from '../observe/log.ts';
import type { Ledger } from '../payments/ledger.ts';
import type { EmbeddingPolicy } from '../policy/embedding-policy.ts';
import type { Policy } from '../policy/policy.ts';
import type { WriterKeys } from '../writers/writer-keys.ts';
import type { PublicationPreview } from './publication.ts';

export interface ProviderConfig {
  dataDirectory: string;
  /** libp2p multiaddrs to listen on. */
  listen: string[];
  bootstrap: string[];
  /** Folder in which the nodes of this machine find each other; null: not used. */
  rendezvous: string | null;
  modelDirectory: string;
  /** Where it computes. Default: `cpu`. */
  device?: DeviceWish;
  /** Time without a text after which the model is let go until the next, in milliseconds. Default: the store's. */
  modelIdleMs?: number;
  /** Embeds there, not with the model in the folder. */
  endpoint?: EndpointOptions;
  /** Returns the policy of an index that is opened, given the stored one. `(stored) => stored` keeps it. */
  policy(stored: Policy): Policy;
  /** Terms on which vectors of the model are sold. Default: they are not. */
  sellEmbeddings?: EmbeddingPolicy;
  /** Address of PostgreSQL with pgvector: new indexes have their graphs there. */
  engineUrl?: string;
  /** Indexes, by name, whose graphs are moved at the start. */
  graphs?: Readonly<Record<string, GraphPlace>>;
  log: Log;
  /** Port on loopback for `GET /metrics`. Default: not served. */
  metricsPort?: number;
}

export interface ProviderNode {
  readonly keys: NodeKeys;
  /** The data folder, for callers that keep more in it. */
  readonly folder: FolderParts;
  readonly store: Store;
  readonly ledger: Ledger;
  readonly embedder: Embedder;
  /** True while vectors of its model are on sale. */
  readonly sellsEmbeddings: boolean;
  /** Keys of writers that the node signs with on their behalf. */
  readonly writers: WriterKeys;
  /**
   * True when the node runs on a restored copy that its owner has not declared live. Such a node is announced to
   * nobody.
   */
  readonly rehearsal: boolean;
  addresses(): string[];
  /**
   * Opens an index of this name and creates it if there is none. It is private unless it was published before. In a
   * folder that cannot be written it stays as it is.
   */
  openIndex(name: string, card: Partial<IndexCard>): Promise<Index>;
  /**
   * Creates a private index.
   *
   * @throws StoreError INDEX_NAME, INDEX_EXISTS, RECORD_INVALID
   */
  createIndex(index: Omit<NewIndex, 'visibility' | 'custody'>): Promise<Index>;
  /** Options for ingest that follow from the policy: the licence, and what is sold. */
  ingestOptions(index: Index): IngestOptions;
  /** Brings the offers up to date with the indexes. The node does so every minute. */
  refreshOffers(): Promise<void>;
  publishPreview(nameOrId: string): Promise<PublicationPreview>;
  /** Deletes an index with its data, policy and offers. */
  deleteIndex(name: string): Promise<void>;
  publish(nameOrId: string): Promise<void>;
  unpublish(nameOrId: string): Promise<void>;
  /** Waits for answers in progress, then closes every part. */
  close(): Promise<void>;
}
