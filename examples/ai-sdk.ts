// Vercel's AI SDK: the node's embedding model, and a search tool for a language model. The model here is a stand-in
// that calls the tool once, so that the example needs no account; put your own in its place.
//
//   npm start                                        (in another terminal)
//   node examples/ai-sdk.ts [NODE-URL] [INDEX]
import { embedMany, generateText, isStepCount } from 'ai';
import { MockLanguageModelV4 } from 'ai/test';
import { openHttpClient } from '@tributary/client';
import { tributaryEmbedding, tributarySearch } from '@tributary/client/ai';

const [gateway = 'http://127.0.0.1:8787', name = 'ai-notes'] = process.argv.slice(2);
const model = 'BAAI/bge-small-en-v1.5';
const client = openHttpClient({ gateway });
await client.createIndex({ name, model });

const values = ['White storks nest on chimneys.', 'The spring flood begins in April.'];
const { embeddings } = await embedMany({ model: tributaryEmbedding({ gateway, model }), values });
await client.index(name).upsert(values.map((text, at) => ({ id: `n${at}`, text, vector: embeddings[at]! })));

const search = tributarySearch({ client: client.index(name), k: 1 });
const usage = {
  inputTokens: { total: 0, noCache: 0, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 0, text: 0, reasoning: 0 },
};
const input = JSON.stringify({ query: 'where do storks nest' });
const languageModel = new MockLanguageModelV4({
  doGenerate: [
    {
      content: [{ type: 'tool-call', toolCallId: 'first', toolName: 'search', input }],
      finishReason: { unified: 'tool-calls', raw: undefined },
      usage,
      warnings: [],
    },
    {
      content: [{ type: 'text', text: 'On chimneys.' }],
      finishReason: { unified: 'stop', raw: undefined },
      usage,
      warnings: [],
    },
  ],
});
const { text, steps } = await generateText({
  model: languageModel,
  tools: { search },
  stopWhen: isStepCount(3),
  prompt: 'Where do storks nest?',
});
const [passage] = steps[0]!.staticToolResults.flatMap(({ output }) => output.passages);
console.log('tool', passage?.id, passage?.text, passage?.signer.startsWith('did:key:'));
console.log('answer', text);
