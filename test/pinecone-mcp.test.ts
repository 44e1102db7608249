// Pinecone's own MCP server, unmodified, pointed at a node as docs/guides/pinecone.md says, and driven over its
// standard input and output by the stock MCP client.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeCrossEncoder } from '@tributary/store/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelDirectory } from './_network.ts';
import { writeOtherModel } from './_other-model.ts';
import { openPinecone } from './_pinecone.ts';
import { openWorkplace, type Workplace } from './_processes.ts';
import { programAgent, type Agent } from './mcp/agent.ts';

const PRELOAD = fileURLToPath(new URL('../examples/pinecone-mcp.mjs', import.meta.url));
const SERVER = fileURLToPath(new URL('../node_modules/@pinecone-database/mcp/dist/index.js', import.meta.url));
const SHIPPED = 'bge-small-en-v1.5';
/** Models that the server's tools can name. The weights are the shipped ones, and a small cross-encoder. */
const EMBEDS = 'multilingual-e5-large';
const RERANKS = 'bge-reranker-v2-m3';
const TEXTS = [
  { id: 'n1', chunk: 'The spring flood begins in April.', river: 'Ob' },
  { id: 'n2', chunk: 'White storks nest on chimneys.', river: 'none' },
  { _id: 'n3', chunk: 'A ferry carries forty cars across the river.', cars: 40 },
];
const place = { namespace: 'notes', query: { topK: 3, inputs: { text: 'where do birds build their nests' } } };
const rerank = { model: RERANKS, rankFields: ['chunk'], topN: 1 };

let workplace: Workplace;
const agents: Agent[] = [];
beforeAll(async () => {
  workplace = await openWorkplace();
}, 60_000);
afterAll(async () => {
  for (const agent of agents) await agent.close();
  await workplace.close();
});

/** A node, and the server that is pointed at it. */
async function pointed(name: string, ...args: string[]): Promise<{ url: string; agent: Agent }> {
  const node = workplace.start(['node', '--data', join(workplace.folder, name), '--port', '0', ...args]);
  const url = (await node.says(/node at (http:\S+)/))[1]!;
  const env = { PINECONE_CONTROLLER_HOST: url, PINECONE_API_KEY: 'none' };
  const agent = await programAgent(['--import', PRELOAD, SERVER], env, { era: '2025-11-25' });
  agents.push(agent);
  return { url, agent };
}

/** What a tool returned, which is JSON in a text. */
async function call<T>(agent: Agent, tool: string, args: Record<string, unknown>): Promise<T> {
  const { isError, text } = await agent.call(tool, args);
  if (isError) throw new Error(text);
  return JSON.parse(text) as T;
}

interface Hits {
  result: { hits: { _id: string; _score: number; fields: object }[] };
}

describe('with the shipped model, which its tools have no name for', () => {
  let url: string;
  let agent: Agent;
  beforeAll(async () => {
    ({ url, agent } = await pointed('shipped'));
    const { client } = await openPinecone(9, url, 'none');
    const embed = { model: SHIPPED, fieldMap: { text: 'chunk' } };
    await client['createIndexForModel']!({ name: 'notes', cloud: 'aws', region: 'us-east-1', embed, waitUntilReady: true });
  }, 60_000);

  it('has the tools', async () => {
    expect((await agent.tools()).toSorted()).toEqual([
      'cascading-search',
      'create-index-for-model',
      'describe-index',
      'describe-index-stats',
      'list-indexes',
      'rerank-documents',
      'search-docs',
      'search-records',
      'upsert-records',
    ]);
  });

  it('lists, describes, writes and searches an index that was made elsewhere', async () => {
    const named = { name: 'notes', embed: { model: `BAAI/${SHIPPED}`, fieldMap: { text: 'chunk' } }, status: { ready: true } };
    expect(await call(agent, 'list-indexes', {})).toMatchObject({ indexes: [named] });
    expect(await call(agent, 'describe-index', { name: 'notes' })).toMatchObject({ ...named, dimension: 384 });
    const { text } = await agent.call('upsert-records', { name: 'notes', namespace: 'notes', records: TEXTS });
    expect(text).toContain('Upserted 3 record(s)');
    const counted = { namespaces: { notes: { recordCount: 3 } }, totalRecordCount: 3, dimension: 384 };
    expect(await call(agent, 'describe-index-stats', { name: 'notes' })).toMatchObject(counted);
    const { result } = await call<Hits>(agent, 'search-records', { name: 'notes', ...place });
    expect(result.hits.map(({ _id }) => _id)).toHaveLength(3);
    expect(result.hits[0]).toMatchObject({ _id: 'n2', fields: { chunk: TEXTS[1]!.chunk, river: 'none' } });
    const filtered = { ...place, query: { ...place.query, filter: { cars: { $gt: 1 } } } };
    const few = await call<Hits>(agent, 'search-records', { name: 'notes', ...filtered });
    expect(few.result.hits.map(({ _id }) => _id)).toEqual(['n3']);
  });

  it('is told what the node does not have', async () => {
    const refused = async (tool: string, args: Record<string, unknown>, words: RegExp) => {
      const { isError, text } = await agent.call(tool, args);
      expect([isError, text]).toEqual([true, expect.stringMatching(words)]);
    };
    const embed = { model: EMBEDS, fieldMap: { text: 'chunk' } };
    // Its client drops the words of a 404, which name the model that there is.
    await refused('create-index-for-model', { name: 'other', embed }, /create-for-model returned HTTP status 404/);
    const documents = ['one', 'two'];
    await refused('rerank-documents', { model: RERANKS, query: 'one', documents }, /without --rerank-model/);
    await refused('search-records', { name: 'notes', ...place, rerank }, /without --rerank-model/);
    const both = { indexes: [{ name: 'notes', namespace: 'notes' }], query: place.query, rerank };
    await refused('cascading-search', both, /without --rerank-model/);
    await refused('describe-index', { name: 'none' }, /404.*list-indexes/s);
  });
});

it('with models that its tools can name, all of its tools work but that for documentation', async () => {
  const model = await writeOtherModel(join(workplace.folder, 'model'), `intfloat/${EMBEDS}`);
  const reranker = join(workplace.folder, 'reranker');
  await writeCrossEncoder(reranker, modelDirectory, { name: `BAAI/${RERANKS}` });
  const { agent } = await pointed('named', '--model', model, '--rerank-model', reranker);
  for (const name of ['a', 'b']) {
    const embed = { model: EMBEDS, fieldMap: { text: 'chunk' } };
    const made = { name, status: { ready: true }, tags: { source: 'mcp', embedding_model: EMBEDS } };
    expect(await call(agent, 'create-index-for-model', { name, embed })).toMatchObject(made);
    expect((await agent.call('create-index-for-model', { name, embed })).text).toContain('already exists');
  }
  const write = (name: string, records: object[]) => agent.call('upsert-records', { name, namespace: 'notes', records });
  await write('a', TEXTS.slice(0, 2));
  await write('b', TEXTS.slice(1));
  const found = await call<Hits>(agent, 'search-records', { name: 'b', ...place, rerank: { ...rerank, query: 'ferry river' } });
  expect(found.result.hits).toMatchObject([{ _id: 'n3', fields: { cars: 40 } }]);
  const ranked = { model: RERANKS, query: 'white birds', documents: ['A red wall', 'White birds'], options: { topN: 1 } };
  expect(await call(agent, 'rerank-documents', ranked)).toMatchObject({
    data: [{ index: 1, document: { text: 'White birds' } }],
  });
  const indexes = ['a', 'b'].map((name) => ({ name, namespace: 'notes' }));
  const query = { topK: 3, inputs: { text: 'ferry river' } };
  const all = await call<{ data: { document: object }[] }>(agent, 'cascading-search', { indexes, query, rerank });
  expect(all.data).toMatchObject([{ document: { chunk: TEXTS[2]!.chunk } }]);
});
