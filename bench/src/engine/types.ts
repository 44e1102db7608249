/** One index and the process that holds it. */
export interface EngineStart {
  readonly folder: string;
  readonly dimension: number;
  readonly clusters: number;
  /** Address of PostgreSQL with pgvector, or `environment`; null: the graph is in the process. */
  readonly engineUrl: string | null;
}

/** What questions took and found. */
export interface Asked {
  /** Milliseconds, one after the other. */
  readonly p50: number;
  readonly p99: number;
  /** With eight in flight. */
  readonly perSecond: number;
  /** Share of the ten nearest that a comparison of every record finds. */
  readonly recall: number;
}

/** The calls of the process. */
export type EngineCalls = {
  /** Writes records up to this number; returns the seconds until they are on the disk. */
  fill: [number, number];
  /** Resolves once the graph, here or on the engine, has every vector; returns the seconds. */
  settle: [null, number];
  /** Questions without a filter, and with one that a tenth of the records passes. */
  ask: [{ questions: number; isFiltered: boolean }, Asked];
  /** Bytes of the process that no file backs. */
  anonymousBytes: [null, number];
  close: [null, null];
  /** Removes the index, here and on the engine. */
  remove: [null, null];
};
