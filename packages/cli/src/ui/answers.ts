import type { QueryResult } from '@tributary/client';
import type { Unpinned } from '@tributary/proof';
import type { Bundle, GatewayResult } from '@tributary/schemas';

/** Verified answers in the form that is shown, from a gateway or from providers. */
export interface Answers {
  results: GatewayResult[];
  answers: {
    index: string;
    snapshot: { sequence: number; at: string };
    usage: { charge: string; unit: string; receipt: string };
  }[];
  failed: QueryResult['failed'];
  usage: { charge: string; unit: string };
  pinned: boolean;
  unpinned: readonly Unpinned[];
  notProven: string[];
  bundles: Bundle[];
}
