import type { Question } from '@tributary/client';
import type { CreateIndexBody, GatewayResult, OwnIndex, QueryMode } from '@tributary/schemas';
import type { Index } from '@tributary/store';

/** What a question to an own index found. */
export interface OwnAnswer {
  results: GatewayResult[];
  index: string;
  mode: QueryMode;
  snapshot: { sequence: number; at: string };
}

/**
 * The indexes of the node's own store, for whoever may use the node: private unless published, asked without payment.
 */
export interface OwnIndexes {
  list(): OwnIndex[];
  /** @throws StoreError INDEX_NOT_FOUND */
  describe(nameOrId: string): OwnIndex;
  /** On disk once resolved. @throws StoreError INDEX_NAME, INDEX_EXISTS, MODEL_NOT_FOUND, VECTOR_DIMENSION */
  create(asked: CreateIndexBody): Promise<OwnIndex>;
  /** Removes an index with all its files; returns its id. @throws StoreError INDEX_NOT_FOUND, STORE_BUSY */
  remove(nameOrId: string): Promise<string>;
  /** Id of the own index of that name or id; undefined when there is none. */
  idOf(nameOrId: string): string | undefined;
  /** @throws StoreError INDEX_NOT_FOUND, or why the index could not be opened */
  index(nameOrId: string): Index;
  /** Answers from the store, in process. @throws StoreError INDEX_NOT_FOUND, QUERY_INVALID, VECTOR_* */
  ask(nameOrId: string, question: Question): Promise<OwnAnswer>;
}
