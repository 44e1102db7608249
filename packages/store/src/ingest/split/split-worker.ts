import '@tributary/runtime/node-gc';
import { openTokenCounter, type TokenizerSource } from '../../embedder/tokenizer.ts';
import { serveTasks, startData } from '../../threads/serve-tasks.ts';
import type { Chunk, ParsedDocument } from '../types.ts';
import { split } from './split.ts';

const { tokenizer, maxTokens } = startData<{ tokenizer: TokenizerSource; maxTokens: number }>();

await serveTasks<ParsedDocument, Chunk[]>(async () => {
  const countTokens = await openTokenCounter(tokenizer);
  return { run: (document) => split(document, { maxTokens, countTokens }) };
});
