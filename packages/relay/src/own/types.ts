import type { Question } from '@tributary/client';
import type { CreateIndexBody, GatewayResult, OwnIndex, QueryMode } from '@tributary/schemas';
import type { AddedFile, AddFileProgress, Index, IndexCard, IngestOptions, NewFile, SearchOutcome } from '@tributary/store';
import type { NearestAsked } from './search.ts';

/** The result of a question to an own index. */
export interface OwnAnswer {
  results: GatewayResult[];
  index: string;
  mode: QueryMode;
  snapshot: { sequence: number; at: string };
}

/** Labels of an index besides its settings, for other APIs. */
export type IndexLabels = Partial<Pick<IndexCard, 'tags' | 'protected' | 'attributes'>>;

/**
 * The indexes of the node's own store, for callers that may use the node. They are private unless published, and asked
 * without payment.
 */
export interface OwnIndexes {
  list(): OwnIndex[];
  /** @throws StoreError INDEX_NOT_FOUND */
  describe(nameOrId: string): OwnIndex;
  /**
   * On disk once resolved.
   *
   * @throws StoreError INDEX_NAME, INDEX_EXISTS, MODEL_NOT_FOUND, VECTOR_DIMENSION
   */
  create(asked: CreateIndexBody, labels?: IndexLabels): Promise<OwnIndex>;
  /**
   * Removes an index with all its files; returns its id.
   *
   * @throws StoreError INDEX_NOT_FOUND, INDEX_PROTECTED, STORE_BUSY
   */
  remove(nameOrId: string): Promise<string>;
  /**
   * Id of the own index with that name or id, the name of one that could not be opened; undefined when there is none.
   */
  idOf(nameOrId: string): string | undefined;
  /**
   * @param writer did:key of the writer who signs writes to it; null or left out: the owner
   * @throws StoreError INDEX_NOT_FOUND, or the reason why the index could not be opened
   */
  index(nameOrId: string, writer?: string | null): Index;
  /**
   * The nearest records by their vectors only, at most 10,000. An id stands for its record's vector. Nothing is near a
   * record that does not exist.
   *
   * @throws StoreError INDEX_NOT_FOUND, QUERY_INVALID, VECTOR_*; TributaryError FILTER_INVALID
   */
  search(nameOrId: string, asked: NearestAsked): Promise<SearchOutcome>;
  /** Folder for files being received. It is emptied when the node starts. */
  readonly uploads: string;
  /**
   * Adds a file to an index, under the owner's policy for it. Resolves once all of it is on disk.
   *
   * @throws StoreError INDEX_NOT_FOUND, PARSE_*, RECORD_INVALID, METADATA_INVALID, MODEL_NOT_FOUND, STORE_BUSY
   */
  addFile(
    nameOrId: string,
    file: NewFile,
    options: Pick<IngestOptions, 'namespace' | 'metadata' | 'chunkTokens' | 'signal'>,
    onProgress: (progress: AddFileProgress) => void,
    writer?: string | null,
  ): Promise<AddedFile>;
  /**
   * Answers from the store, in process.
   *
   * @throws StoreError INDEX_NOT_FOUND, QUERY_INVALID, VECTOR_*
   */
  ask(nameOrId: string, question: Question): Promise<OwnAnswer>;
}
