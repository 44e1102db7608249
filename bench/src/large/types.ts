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
  /** Deletes so many records; returns the processor milliseconds until their texts are gone from the files. */
  purge: [number, number];
  close: [null, null];
};
