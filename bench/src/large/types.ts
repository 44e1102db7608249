/** An index of made-up records and the process that holds it. */
export interface LargeStart {
  readonly folder: string;
  readonly dimension: number;
  readonly clusters: number;
}

/** From the first line of the process's own code to the first answer; of a new index, until it is made. */
export interface LargeReady {
  readonly openMs: number;
  readonly openCpuMs: number;
}

/** Milliseconds of answers, one after the other. */
export interface Latencies {
  readonly p50: number;
  readonly p99: number;
}

/** How writing went. */
export interface Filled {
  readonly perSecond: number;
  /** How long a short call waited for the index's worker, and the main thread for its turn, in milliseconds. */
  readonly worker: { readonly p99: number; readonly max: number };
  readonly main: { readonly p99: number; readonly max: number };
}

/** Bytes. */
export interface Memory {
  /** Of the process, that no file backs. */
  readonly anonymous: number;
  /** Estimates of the index's parts, and the heap of the main thread. */
  readonly parts: Readonly<Record<string, number>>;
}

/** The calls of the process. */
export type LargeCalls = {
  /** Adds records up to this number. */
  fill: [number, Filled];
  /** Replaces all records by others; `round` makes them differ. Returns seconds. */
  rewrite: [{ records: number; round: number }, number];
  /** Resolves once every vector is in the graph; returns the seconds. */
  settle: [null, number];
  ask: [number, Latencies];
  /** The same while other records are replaced, this many at a time. */
  askBesideWrites: [{ questions: number; written: number }, Latencies];
  /** Share of the ten nearest, by comparing all, that answers have. */
  recall: [{ questions: number; records: number; round: number }, number];
  memory: [null, Memory];
  /** Deletes so many records; returns the processor milliseconds until their texts are gone from the files. */
  purge: [number, number];
  /** Deletes all records, purges, and adds some; returns the seconds. */
  deleteAll: [number, number];
  close: [null, null];
};
