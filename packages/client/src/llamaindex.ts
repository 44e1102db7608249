// For programs that use LlamaIndex (`@llamaindex/core`).
export { TributaryEmbedding } from './llamaindex/embedding.ts';
export { TributaryRetriever } from './llamaindex/retriever.ts';
export type { TributaryRetrieverOptions } from './llamaindex/retriever.ts';
export { TributaryVectorStore } from './llamaindex/vector-store.ts';
export type { TributaryVectorStoreOptions } from './llamaindex/vector-store.ts';
export type { Provenance } from './frameworks/asker.ts';
