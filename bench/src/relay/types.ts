/** Vectors that every process of the benchmark makes for itself, the same in each. */
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
  /** Sum of what the answers say they cost. */
  readonly charged: bigint;
  /** First failure in words, and how many there were. */
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
  /** Name of a second index with the same records that costs nothing. */
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
  /** Receipts issued on open channels: the highest sequence of each, summed. */
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
  /** What the wallet says it paid. */
  paid: [null, { acknowledged: bigint }];
};

export interface SdkReady {
  readonly payer: string;
}
export type SdkCalls = GatewayCalls & { load: [LoadOptions & { index: string }, LoadResult] };

export type StrangerMode = 'questions' | 'connections' | 'readers';
export interface StrangerStart extends ClientStart {
  readonly freeIndex: string;
  /** How many questions in flight, connections or links it has in each mode. */
  readonly counts: Readonly<Record<StrangerMode, number>>;
}
export type StrangerCalls = {
  /** Begins to be a nuisance; resolves when it is one. */
  begin: [StrangerMode, null];
  /** Ends that; what it got meanwhile. */
  end: [null, { answers: number; refusals: number; links: number }];
};

export interface PlainReady {
  readonly url: string;
}

export type LoadCalls = { load: [LoadOptions & { url: string; index: string }, LoadResult] };
