// What benchmarks measure below a store and its disk.
export { createEngine } from './search/engine.ts';
export type { SearchEngine } from './search/engine.ts';
export type { EngineQuery } from './search/types.ts';
// A reranking model for tests.
export { overlapScore, writeCrossEncoder } from './testing/cross-encoder.ts';
