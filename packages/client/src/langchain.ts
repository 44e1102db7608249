// For programs that use LangChain (`@langchain/core`).
export { TributaryEmbeddings } from './langchain/embeddings.ts';
export { TributaryRetriever } from './langchain/retriever.ts';
export type { TributaryRetrieverFields } from './langchain/retriever.ts';
export { TributaryVectorStore } from './langchain/vector-store.ts';
export type { TributaryVectorStoreConfig } from './langchain/vector-store.ts';
export type { Provenance } from './frameworks/asker.ts';
