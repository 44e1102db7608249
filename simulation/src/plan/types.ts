import type { LiarClient, LiarProvider } from './liars.ts';

/** One run, drawn from its seed before it starts. So a fault can be removed without shifting the others. */
export interface Plan {
  readonly seed: number;
  readonly providers: readonly ProviderPlan[];
  readonly clients: readonly ClientPlan[];
  readonly steps: readonly Step[];
  readonly faults: readonly Fault[];
}

export interface ProviderPlan {
  readonly price: { readonly base: string; readonly perResult: string; readonly perKiB: string; readonly empty: string };
  /** K: the most that the owner risks on a channel. */
  readonly credit: string;
  readonly maxInFlight: number;
  /** Credit granted to each client at the start. */
  readonly grant: bigint;
  readonly exposurePerChannel: number | null;
  readonly lie: LiarProvider | null;
}

export interface ClientPlan {
  readonly perCall: bigint | null;
  readonly perDay: bigint | null;
  readonly deposit: bigint;
  readonly lie: LiarClient | null;
}

/**
 * What people and their programs do. Providers are named `p0`, `p1`, …, clients `b0`, `b1`, …. The names are part of
 * every random stream, so changing them would change every seed's run. Times are virtual milliseconds.
 */
export type Step = { readonly at: number } & (
  | {
      readonly kind: 'ask';
      readonly client: number;
      readonly provider: number;
      readonly question: number;
      /** Number of questions asked at once. */
      readonly count: number;
      /** The caller gives up after this time; null: never. */
      readonly patienceMs: number | null;
      /** Whether both met other nodes since the last step. */
      readonly meet: boolean;
    }
  | { readonly kind: 'grow' | 'withdraw' | 'publish' | 'reprice' | 'prune'; readonly provider: number }
  | { readonly kind: 'restart'; readonly node: string; readonly downMs: number }
);

export type Direction = { readonly from: string; readonly to: string; readonly nth: number };

/**
 * What goes wrong. `nth` counts from 1 over the whole run: messages of a direction, writes of a node's disk, questions
 * to a provider, answers of a provider.
 */
export type Fault =
  | ({ readonly kind: 'cut'; readonly how: 'before' | 'part' | 'after'; readonly noticeMs: number } & Direction)
  | ({ readonly kind: 'stall'; readonly ms: number } & Direction)
  | ({ readonly kind: 'drip'; readonly pieces: number; readonly ms: number } & Direction)
  | { readonly kind: 'refuse'; readonly from: string; readonly to: string; readonly at: number; readonly ms: number }
  | { readonly kind: 'duplicate'; readonly node: string; readonly nth: number; readonly afterMs: number }
  | {
      readonly kind: 'crash-at-write';
      readonly node: string;
      readonly nth: number;
      readonly persisted: boolean;
      readonly power: boolean;
      readonly downMs: number;
    }
  | { readonly kind: 'kill'; readonly node: string; readonly at: number; readonly power: boolean; readonly downMs: number }
  | {
      readonly kind: 'write-error';
      readonly node: string;
      readonly nth: number;
      readonly times: number;
      readonly persisted: boolean;
    }
  | { readonly kind: 'full' | 'read-only'; readonly node: string; readonly at: number; readonly ms: number }
  | {
      /** What happens when an answer was charged and has not left yet. */
      readonly kind: 'at-answer';
      readonly node: string;
      readonly nth: number;
      readonly what: 'client-dies' | 'provider-dies' | 'link-breaks';
      /** Whether the provider's price changes at the same moment, and so its offer. */
      readonly reprice: boolean;
      readonly power: boolean;
      readonly downMs: number;
    }
  | { readonly kind: 'clock'; readonly node: string; readonly at: number; readonly offsetMs: number };
