// LangChain: documents go into an index of a node, and come back with their provenance.
//
//   npm start                                        (in another terminal)
//   node examples/langchain.ts [NODE-URL] [INDEX]
import { Document } from '@langchain/core/documents';
import { openHttpClient } from '@tributary/client';
import { TributaryEmbeddings, TributaryRetriever, TributaryVectorStore } from '@tributary/client/langchain';

const [gateway = 'http://127.0.0.1:8787', name = 'langchain-notes'] = process.argv.slice(2);
const model = 'BAAI/bge-small-en-v1.5';
const client = openHttpClient({ gateway });
await client.createIndex({ name, model });

const store = new TributaryVectorStore(new TributaryEmbeddings({ gateway, model }), { index: client.index(name) });
await store.addDocuments([
  new Document({ id: 'storks', pageContent: 'White storks nest on chimneys.', metadata: { page: 3, loc: { from: 1 } } }),
  new Document({ id: 'floods', pageContent: 'The spring flood begins in April.', metadata: { page: 4 } }),
  new Document({ id: 'ferry', pageContent: 'The ferry carries forty cars.', metadata: { page: 5 } }),
]);
const [[best, score] = []] = await store.similaritySearchWithScore('when does the flood begin', 1);
console.log('store', best?.id, best?.metadata['page'], score! > 0.5);
const [stork] = await store.similaritySearch('birds', 1, { page: { $eq: 3 } });
console.log('filter', stork?.id, stork?.metadata['loc.from']);
const diverse = await store.maxMarginalRelevanceSearch('the flood', { k: 2, fetchK: 3 });
console.log('diverse', diverse.length, diverse[0]?.id);

// Also over an index that somebody sells, with `client` and `index: NAME`: then the answer is proven and paid.
const retriever = new TributaryRetriever({ client: client.index(name), k: 1 });
const [found] = await retriever.invoke('where do storks nest');
console.log('retriever', found?.id, found?.metadata['tributary'].signer.startsWith('did:key:'));
await store.delete({ ids: ['storks'] });
console.log('left', (await client.index(name).count()).count);
