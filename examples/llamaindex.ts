// LlamaIndex: nodes go into an index of a node, and come back with their provenance.
//
//   npm start                                        (in another terminal)
//   node examples/llamaindex.ts [NODE-URL] [INDEX]
import { MetadataMode, TextNode } from '@llamaindex/core/schema';
import { VectorStoreQueryMode } from '@llamaindex/core/vector-store';
import { openHttpClient } from '@tributary/client';
import { TributaryEmbedding, TributaryRetriever, TributaryVectorStore } from '@tributary/client/llamaindex';

const [gateway = 'http://127.0.0.1:8787', name = 'llamaindex-notes'] = process.argv.slice(2);
const model = 'BAAI/bge-small-en-v1.5';
const client = openHttpClient({ gateway });
await client.createIndex({ name, model });

const embedModel = new TributaryEmbedding({ gateway, model });
const store = new TributaryVectorStore({ index: client.index(name), embedModel });
const texts = ['White storks nest on chimneys.', 'The spring flood begins in April.', 'The ferry carries forty cars.'];
const embeddings = await embedModel.getTextEmbeddings(texts);
await store.add(
  texts.map((text, at) => new TextNode({ id_: `n${at}`, text, metadata: { page: at }, embedding: embeddings[at]! })),
);

const queryStr = 'when does the flood begin';
const queryEmbedding = await embedModel.getTextEmbedding(queryStr);
for (const mode of [VectorStoreQueryMode.DEFAULT, VectorStoreQueryMode.HYBRID, VectorStoreQueryMode.SPARSE]) {
  const { nodes = [], similarities } = await store.query({ mode, queryStr, queryEmbedding, similarityTopK: 1 });
  console.log(mode, nodes[0]?.id_, nodes[0]?.getContent(MetadataMode.NONE), similarities[0]! > 0);
}
const filters = { filters: [{ key: 'page', operator: '<' as const, value: 1 }] };
const { ids } = await store.query({ mode: VectorStoreQueryMode.DEFAULT, queryEmbedding, similarityTopK: 3, filters });
console.log('filter', ids.join());

// Also over an index that somebody sells, with `client` and `index: NAME`: then the answer is proven and paid.
const retriever = new TributaryRetriever({ client: client.index(name), k: 1 });
const [found] = await retriever.retrieve('where do storks nest');
console.log('retriever', found?.node.id_, found?.node.metadata['tributary'].signer.startsWith('did:key:'));
