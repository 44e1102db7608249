import type { Bench } from './types.ts';
import { relayBench } from './relay.bench.ts';
import { searchBench } from './search.bench.ts';

/** All benchmarks, in the order in which they run; sizes differ from one to the next. */
export const BENCHES: readonly Bench<unknown>[] = [searchBench as Bench<unknown>, relayBench as Bench<unknown>];
