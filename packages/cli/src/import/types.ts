import type { Metric, RecordBody, SparseInput } from '@tributary/schemas';
import type { Patience } from './retry.ts';

/** A record as a source has it. */
export interface SourceRecord {
  id: string;
  vector: Float32Array | null;
  /** Sparse vector, its indices in any order. */
  sparse?: SparseInput | null;
  /** Text that the source keeps apart from the metadata. */
  text: string | null;
  /** Any JSON value, and what drivers make of other types: dates and large integers. */
  metadata: Record<string, unknown>;
  /** Further fields of a record of our own format. */
  more?: Pick<RecordBody, 'source' | 'licence' | 'sell'>;
}

/** A record that is not imported. */
export interface Refused {
  /** Its id, or its place in the source if it has none that can be read. */
  id: string;
  reason: string;
}

/** Some records of one namespace, in the order of the source. */
export interface Page {
  namespace: string;
  records: SourceRecord[];
  /** Records that could not be read. */
  refused: Refused[];
  /** Where to go on after this page. */
  cursor: string;
  /** How much of `SourceFacts.total` is read after this page; null where that counts records. */
  done: number | null;
}

export interface SourceFacts {
  /** Null when the source has no dense vectors. */
  dimension: number | null;
  /** Null when the source does not tell. */
  metric: Metric | null;
  /** What progress counts: records, or bytes of a file. */
  total: number;
  /** Namespaces that are imported. */
  namespaces: readonly string[];
  /** Changes with the content, where the source has such a mark. A cursor is valid only for the same version. */
  version: string;
}

/** Names a source without any secret. */
export type SourceName = Readonly<Record<string, string>>;

/** Another store, or a file, that records are read from. */
export interface Source {
  readonly name: SourceName;
  /** @throws TributaryError SOURCE_UNREACHABLE, SOURCE_RESPONSE, PATH_NOT_FOUND */
  describe(patience: Patience): Promise<SourceFacts>;
  /**
   * Reads from a cursor on; null is the beginning.
   *
   * @throws TributaryError as `describe`
   */
  pages(cursor: string | null, facts: SourceFacts, patience: Patience): AsyncGenerator<Page>;
  /** The number of records, as the source counts them now; null when it has no count of its own. */
  count(facts: SourceFacts, patience: Patience): Promise<number | null>;
  close(): Promise<void>;
}
