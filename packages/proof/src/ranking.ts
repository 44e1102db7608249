// Filters, scores and order, computed in the same way by provider and verifier (docs/spec/query.md).
export { filterTest } from './filter/compile.ts';
export type { MetadataTest } from './filter/compile.ts';
export { parseFilter } from './filter/parse.ts';
export type { FilterNode } from './filter/types.ts';
export { rankingOf } from './question/ranking.ts';
export { bm25, bm25Part, bm25Query } from './score/bm25.ts';
export { blockScorer, closeness, denseScore, denseScorer } from './score/dense.ts';
export { compareResults, fuse, scoreOf } from './score/rank.ts';
export { queryTerms, termCounts, terms, textTerms } from './score/terms.ts';
export type { TextTerms } from './score/terms.ts';
