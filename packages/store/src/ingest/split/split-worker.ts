import '@tributary/runtime/node-gc';
import { workerData } from 'node:worker_threads';
import { openTokenCounter, type TokenizerSource } from '../../embedder/tokenizer.ts';
import { serveTasks } from '../../threads/serve-tasks.ts';
import type { Chunk, ParsedDocument } from '../types.ts';
import { split } from './split.ts';

const { tokenizer, maxTokens } = workerData as { tokenizer: TokenizerSource; maxTokens: number };

await serveTasks<ParsedDocument, Chunk[]>(async () => {
  const countTokens = await openTokenCounter(tokenizer);
  return { run: (document) => split(document, { maxTokens, countTokens }) };
});
