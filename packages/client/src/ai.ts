// For programs that use Vercel's AI SDK (`ai`).
export { tributaryEmbedding } from './ai/embedding.ts';
export { tributarySearch } from './ai/search.ts';
export type { FoundPassage, TributarySearchOptions } from './ai/search.ts';
export type { Provenance } from './frameworks/asker.ts';
