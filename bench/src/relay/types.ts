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
  /** Receipts issued on open channels: the sum of each one's highest sequence. */
  readonly receipts: number;
}
export type ProviderCalls = {
  grant: [{ payer: string; amount: bigint }, null];
  books: [null, Books];
};

export interface ClientStart extends DataSizes {
  readonly folder: string;
  readonly bootstrap: string[];
}
export interface GatewayReady {
  readonly url: string;
  readonly payer: string;
}
export type GatewayCalls = {
  /** What the wallet states that it paid. */
  paid: [null, { acknowledged: bigint }];
};

export interface SdkReady {
  readonly payer: string;
}
export type SdkCalls = GatewayCalls & { load: [LoadOptions & { index: string }, LoadResult] };

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

export type LoadCalls = { load: [LoadOptions & { url: string; index: string }, LoadResult] };
