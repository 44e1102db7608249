import type { Vitals } from '../vitals.ts';

/** The vectors that every process of the benchmark computes, the same in each. */
export interface DataSizes {
  readonly vectors: number;
  readonly dimension: number;
  readonly clusters: number;
  readonly queries: number;
}

export interface LoadResult {
  /** Answers per second. */
  readonly rate: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly answers: number;
  /** Sum of the stated costs of the answers. */
  readonly charged: bigint;
  /** First failure in words, and the number of failures. */
  readonly failures: number;
  readonly failure: string | null;
}

export interface LoadOptions {
  readonly inFlight: number;
  readonly milliseconds: number;
  /** Asks only what was never asked before; left out: the same questions again and again. */
  readonly fresh?: boolean;
}

export interface ProviderStart extends DataSizes {
  readonly folder: string;
  readonly index: string;
  /** Price of a query in credits; 0: free. */
  readonly price: string;
  /** Name of a second, free index with the same records. */
  readonly freeIndex?: string;
}
export interface ProviderReady {
  readonly addresses: string[];
}
export interface Books {
  /** Credits charged on all channels, by the ledger. */
  readonly charged: bigint;
  readonly uncovered: bigint;
  readonly inFlight: number;
  /** Receipts issued on all channels: the sum of each one's highest sequence. */
  readonly receipts: number;
}
export type ProviderCalls = {
  grant: [{ payer: string; amount: bigint }, null];
  books: [null, Books];
  /** Replaces records, or adds those that were removed, with what they have in that round. */
  rewrite: [{ ids: readonly number[]; round: number }, null];
  remove: [{ ids: readonly number[] }, null];
  /** Resolves when the text of removed records is gone from all files. */
  purge: [null, null];
  vitals: [null, Vitals];
};

export interface ClientStart extends DataSizes {
  readonly folder: string;
  readonly bootstrap: string[];
}
export interface GatewayReady {
  readonly url: string;
  readonly payer: string;
}
/** A key that may ask every index, without bounds. */
export interface MadeKey {
  readonly id: string;
  /** Its token. */
  readonly key: string;
}
type Paid = {
  /** What the wallets state that they paid. */
  paid: [null, { acknowledged: bigint }];
};
export type GatewayCalls = Paid & {
  makeKey: [null, MadeKey];
  revokeKey: [string, null];
  vitals: [null, Vitals];
};

export interface SdkReady {
  readonly payer: string;
}
export type SdkCalls = Paid & { load: [LoadOptions & { index: string }, LoadResult] };

export type StrangerMode = 'questions' | 'connections' | 'readers';
export interface StrangerStart extends ClientStart {
  readonly freeIndex: string;
  /** Number of questions in flight, connections or links in each mode. */
  readonly counts: Readonly<Record<StrangerMode, number>>;
}
export type StrangerCalls = {
  /** Starts the attack; resolves when it runs. */
  begin: [StrangerMode, null];
  /** Ends the attack; returns what it got meanwhile. */
  end: [null, { answers: number; refusals: number; links: number }];
};

export interface PlainReady {
  readonly url: string;
}

/** Where an HTTP caller asks. */
export interface Target {
  readonly url: string;
  readonly index: string;
  /** Token of an API key. */
  readonly key?: string;
}
/** What happened to questions at a fixed rate since the last look. */
export interface Interval {
  readonly asked: number;
  readonly answers: number;
  readonly charged: bigint;
  /** Of the answers, since they were due. NaN without answers. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Refused questions by code. */
  readonly errors: Readonly<Record<string, number>>;
  /** Questions without an answer yet. */
  readonly waiting: number;
}
export type LoadCalls = {
  load: [LoadOptions & Target, LoadResult];
  /** Asks one question; returns its stated cost. */
  once: [Target & { turn: number }, bigint];
  /** Asks at a fixed rate from now on. */
  begin: [Target & { perSecond: number }, null];
  next: [null, Interval];
  /** Asks no more and waits for the answers. */
  end: [null, Interval];
};
