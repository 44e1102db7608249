import type { Metric, VectorKinds } from '@tributary/schemas';
import type { ModelCard } from './embedding.ts';
import type { EngineStatus } from './remote/types.ts';

export type Visibility = 'private' | 'listed';

/** The owner's description of an index. It may change and is not part of any proof. */
export interface IndexCard {
  title: string;
  description: string;
  licence: string;
  /** Questions that it answers, as examples for clients. */
  questions: string[];
  /** The author that new writes declare. */
  author: string | null;
  /** The owner's own labels. */
  tags: Record<string, string>;
  /** True: the index cannot be deleted until this is removed. */
  protected: boolean;
  /** Data that an API stores with the index, by the name of the API. */
  attributes: Record<string, string>;
}

export interface NewIndex extends Partial<IndexCard> {
  name: string;
  /** 0 for sparse vectors only. */
  dimension: number;
  metric: Metric;
  /** Default: `dense`. With sparse vectors, the metric is the dot product. */
  vectors?: VectorKinds;
  /** Null when the model is not declared. */
  model: ModelCard | null;
  /** Default: `private`. */
  visibility?: Visibility;
  /** `self` (default): the owner writes. `provider`: the provider holds the signing key for somebody else. */
  custody?: 'self' | 'provider';
  /** Default: null, or what the store was opened with. */
  graphOn?: 'pgvector' | null;
}

/** The fixed and the changeable description of an index, as stored in `index.json`. */
export interface IndexSettings extends IndexCard {
  id: string;
  name: string;
  /** did:key of the owner. */
  provider: string;
  dimension: number;
  metric: Metric;
  vectors: VectorKinds;
  model: ModelCard;
  /** Hex digest of `model`. */
  modelDigest: string;
  visibility: Visibility;
  custody: 'self' | 'provider';
  /** What finds its nearest vectors; null: this process. */
  graphOn: 'pgvector' | null;
  /** Unix milliseconds. */
  created: number;
}

/** State of an index as of its newest published snapshot. */
export interface IndexStatus {
  records: number;
  /** Sequence of the last write; 0 when there is none. */
  sequence: number;
  /** Sequence of the manifest. */
  snapshot: number;
  manifestHash: string;
  /** Date of the manifest, unix milliseconds. */
  dated: number;
  namespaces: Record<string, number>;
  /** The first finding of the last check; null when there was none. Damaged data is refused until it is repaired. */
  damage: string | null;
  /** How the engine that has its graph does; null when the graph is here. */
  engine: EngineStatus | null;
}

export interface IndexInfo extends IndexSettings, IndexStatus {}
