import { dropinBench } from './dropin.bench.ts';
import { engineBench } from './engine/engine.bench.ts';
import { fairnessBench } from './fairness.bench.ts';
import { gcBench } from './gc/gc.bench.ts';
import { importBench } from './import.bench.ts';
import { ingestBench } from './ingest.bench.ts';
import { largeBench } from './large.bench.ts';
import { ledgerOpenBench } from './ledger-open.bench.ts';
import { qualityBench } from './quality.bench.ts';
import { relayBench } from './relay.bench.ts';
import { searchBench } from './search.bench.ts';
import { soakBench } from './soak/soak.bench.ts';
import type { Bench } from './types.ts';
import { verifyBench } from './verify.bench.ts';

/** All benchmarks, in the order in which they run. Their sizes have different types. */
export const BENCHES = [
  searchBench,
  verifyBench,
  relayBench,
  dropinBench,
  fairnessBench,
  ledgerOpenBench,
  largeBench,
  engineBench,
  gcBench,
  ingestBench,
  importBench,
  qualityBench,
  soakBench,
] as unknown as readonly Bench<unknown>[];
