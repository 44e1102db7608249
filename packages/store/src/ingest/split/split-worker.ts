import '@tributary/runtime/node-gc';
import { parentPort, workerData } from 'node:worker_threads';
import { openTokenCounter } from '../../embedder/tokenizer.ts';
import { split } from './split.ts';
import { toWire } from '../../worker/wire-error.ts';
import type { SplitMessage, SplitRequest, SplitStart } from './messages.ts';

const port = parentPort!;
const { tokenizer, maxTokens } = workerData as SplitStart;
const countTokens = openTokenCounter(tokenizer);

port.on('message', (document: SplitRequest) => void answer(document));

async function answer(document: SplitRequest): Promise<void> {
  let message: SplitMessage;
  try {
    const chunks = split(document, { maxTokens, overlapTokens: 0, countTokens: await countTokens });
    message = { ok: true, chunks };
  } catch (error) {
    message = { ok: false, error: toWire(error) };
  }
  port.postMessage(message);
}
