import type { Remote } from '../processes.ts';
import type {
  DataSizes,
  GatewayCalls,
  GatewayReady,
  Interval,
  LoadCalls,
  ProviderCalls,
  ProviderReady,
  Target,
} from '../relay/types.ts';
import type { Total } from '../relay/books.ts';
import type { Vitals } from '../vitals.ts';

export interface SoakSizes extends DataSizes {
  readonly minutes: number;
  /** Before the load that is measured as the highest, and for that. */
  readonly warmMilliseconds: number;
  readonly highestMilliseconds: number;
  /** Time from one sample, and one piece of churn, to the next. */
  readonly sampleMs: number;
  /** Records that are removed, added again and replaced between two samples. */
  readonly churned: number;
}

export interface VisitorStart {
  readonly folder: string;
  readonly bootstrap: string[];
  readonly vectors: number;
  readonly dimension: number;
  readonly clusters: number;
  readonly queries: number;
}
export type VisitorCalls = {
  /** Opens a new client with a wallet of its own; returns the address of that. */
  arrive: [null, { payer: string }];
  /** Asks so many questions. Then the client leaves for good; its channel stays open. */
  ask: [{ index: string; questions: number }, Total & { acknowledged: bigint }];
  vitals: [null, Vitals];
};

/** The processes whose state is sampled. */
export const SAMPLED = ['provider', 'gateway', 'visitor'] as const;
export type Sampled = (typeof SAMPLED)[number];

export interface Network {
  readonly provider: Remote<ProviderReady, ProviderCalls>;
  readonly gateway: Remote<GatewayReady, GatewayCalls>;
  readonly visitor: Remote<null, VisitorCalls>;
  readonly load: Remote<null, LoadCalls>;
  /** Where the load asks. */
  readonly target: Target;
  /** What was paid so far. */
  readonly total: Total;
  /** What visitors who left acknowledged. */
  readonly left: { acknowledged: bigint };
  stop(): Promise<void>;
}

/** What was seen at one time, with what happened since the sample before. */
export interface Sample {
  /** Milliseconds since the load began. */
  readonly atMs: number;
  readonly interval: Interval;
  readonly vitals: Readonly<Record<Sampled, Vitals>>;
}
