// LlamaIndex's own store for Pinecone, unchanged: only the client's address is the node's.
//
//   npm start                                        (in another terminal)
//   node examples/llamaindex-pinecone.ts [NODE-URL] [INDEX]
import { MetadataMode, TextNode } from '@llamaindex/core/schema';
import { VectorStoreQueryMode } from '@llamaindex/core/vector-store';
import { PineconeVectorStore } from '@llamaindex/pinecone';
import { openHttpClient } from '@tributary/client';
import { TributaryEmbedding } from '@tributary/client/llamaindex';
import { Pinecone } from 'pinecone-4';

const [gateway = 'http://127.0.0.1:8787', name = 'llamaindex-pinecone'] = process.argv.slice(2);
const model = 'BAAI/bge-small-en-v1.5';
await openHttpClient({ gateway }).createIndex({ name, model });

const apiKey = process.env['TRIBUTARY_API_KEY'] ?? 'none';
const embeddingModel = new TributaryEmbedding({ gateway, model });
const store = new PineconeVectorStore({ indexName: name, apiKey, embeddingModel });
store.db = new Pinecone({ apiKey, controllerHostUrl: gateway });

const texts = ['White storks nest on chimneys.', 'The ferry carries forty cars.'];
const embeddings = await embeddingModel.getTextEmbeddings(texts);
await store.add(texts.map((text, at) => new TextNode({ id_: `n${at}`, text, embedding: embeddings[at]! })));
const { nodes = [], similarities } = await store.query({
  mode: VectorStoreQueryMode.DEFAULT,
  queryEmbedding: await embeddingModel.getTextEmbedding('where do storks nest'),
  similarityTopK: 1,
});
console.log('store', nodes[0]?.getContent(MetadataMode.NONE), similarities[0]! > 0.5);
