/** An index of made-up records and the process that holds it. */
export interface LargeStart {
  readonly folder: string;
  readonly dimension: number;
  readonly clusters: number;
}

export interface LargeReady {
  /** From the first line of the process's own code to the first answer; null for a new index. */
  readonly openMs: number | null;
}

/** Milliseconds of answers, one after the other. */
export interface Latencies {
  readonly p50: number;
  readonly p99: number;
}

/** The calls of the process. */
export type LargeCalls = {
  /** Adds records up to this number; returns how many a second. */
  fill: [number, number];
  /** Resolves once the graph is filled; returns the seconds. */
  settle: [null, number];
  ask: [number, Latencies];
  /** The same while other records are replaced, this many at a time. */
  askBesideWrites: [{ questions: number; written: number }, Latencies];
  /** Bytes of the process that no file backs. */
  anonymousBytes: [null, number];
  /** Deletes records, and returns the processor milliseconds until the last trace of their texts is gone from the files. */
  purge: [number, number];
  close: [null, null];
};
