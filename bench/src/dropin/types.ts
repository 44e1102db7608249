import type { DataSizes, LoadOptions, LoadResult } from '../relay/types.ts';

export interface NodeStart extends DataSizes {
  readonly folder: string;
  /** Index that is asked, with all vectors and texts. */
  readonly index: string;
  /** Empty indexes that are written to. */
  readonly written: readonly string[];
}
export interface NodeReady {
  readonly url: string;
  /** Of a program that may do everything. */
  readonly key: string;
  /** Id of the index that is asked. */
  readonly index: string;
}

export type What =
  | 'query by the client of Pinecone'
  | 'query by HTTP'
  | 'upsert by the client of Pinecone'
  | 'upsert by the SDK'
  | 'bare /query'
  | 'bare /v1/query'
  | 'query of Chroma';

export interface ChromaStart extends DataSizes {
  readonly folder: string;
}
export interface ChromaReady {
  readonly url: string;
  /** Path of a query. */
  readonly path: string;
}

export interface AppLoad extends LoadOptions {
  readonly what: What;
  readonly url: string;
  readonly key: string;
  /** Name of the index; for bare queries of a node, its id; for Chroma, the path of a query. */
  readonly index: string;
}
export type AppCalls = { load: [AppLoad, LoadResult] };
export interface AppStart extends DataSizes {
  /** Vectors of one upsert. */
  readonly batch: number;
}
