// LangChain's own store for Pinecone, unchanged: only the client's address is the node's.
//
//   npm start                                        (in another terminal)
//   node examples/langchain-pinecone.ts [NODE-URL] [INDEX]
import { Document } from '@langchain/core/documents';
import { SyntheticEmbeddings } from '@langchain/core/utils/testing';
import { PineconeStore } from '@langchain/pinecone';
import { Pinecone } from '@pinecone-database/pinecone';

const [controllerHostUrl = 'http://127.0.0.1:8787', name = 'langchain-pinecone'] = process.argv.slice(2);
const dimension = 32;
const pinecone = new Pinecone({ apiKey: process.env['TRIBUTARY_API_KEY'] ?? 'none', controllerHostUrl });
await pinecone.createIndex({
  name,
  dimension,
  metric: 'cosine',
  spec: { serverless: { cloud: 'aws', region: 'us-east-1' } },
  waitUntilReady: true,
});

// Any embeddings do; these need no model.
const store = new PineconeStore(new SyntheticEmbeddings({ vectorSize: dimension }), { pineconeIndex: pinecone.index(name) });
const documents = ['White storks nest on chimneys.', 'The ferry carries forty cars.'].map(
  (pageContent, page) => new Document({ pageContent, metadata: { page } }),
);
const ids = await store.addDocuments(documents);
const [[best, score] = []] = await store.similaritySearchWithScore('The ferry carries forty cars.', 1);
console.log('store', ids.length, best?.pageContent, best?.metadata['page'], score! > 0.99);
const [filtered] = await store.similaritySearch('ferry', 1, { page: { $eq: 0 } });
console.log('filter', filtered?.pageContent);
const [found] = await store.asRetriever({ k: 1, searchType: 'mmr' }).invoke('The ferry carries forty cars.');
console.log('retriever', found?.pageContent);
await store.delete({ ids });
await pinecone.deleteIndex(name);
