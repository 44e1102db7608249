import { Worker } from 'node:worker_threads';
import { StoreError } from '../../errors.ts';
import { split } from './split.ts';
import type { Chunk, ParsedDocument } from '../types.ts';
import { splitInlineUnitsMax, splitTimeMsMax } from '../../limits.ts';
import type { Embedder } from '../../types.ts';
import { fromWire } from '../../worker/wire-error.ts';
import type { SplitMessage, SplitStart } from './messages.ts';

/** Cuts documents for a model's window; long ones off the event loop. */
export interface Splitter {
  /** One document at a time. @throws StoreError PARSE_TOO_LARGE, PARSE_TIMEOUT, PARSE_OUT_OF_MEMORY, STORE_CLOSED */
  split(document: ParsedDocument): Promise<Chunk[]>;
  close(): Promise<void>;
}

const WORKER_URL = new URL('./split-worker.ts', import.meta.url);

/**
 * Counting tokens takes about a second for a megabyte of text. A worker needs the tokenizer's files, so models that have none there
 * (an `Embedder` without `tokenizer`) are split for in this thread.
 */
export function openSplitter(embedder: Embedder): Splitter {
  const { maxTokens, tokenizer } = embedder;
  let worker: Worker | null = null;
  let closed = false;
  const drop = async (): Promise<void> => {
    const dropped = worker;
    worker = null;
    await dropped?.terminate();
  };
  return {
    async split(document) {
      if (tokenizer === undefined || document.text.length <= splitInlineUnitsMax) {
        return split(document, { maxTokens, overlapTokens: 0, countTokens: (text) => embedder.countTokens(text) });
      }
      if (closed) throw new StoreError('STORE_CLOSED', 'the ingest has ended');
      worker ??= new Worker(WORKER_URL, { workerData: { tokenizer, maxTokens } satisfies SplitStart });
      try {
        return await ask(worker, document);
      } catch (error) {
        // A worker that timed out or died is of no more use; after any other failure a new one does no harm.
        await drop();
        throw error;
      }
    },
    async close() {
      closed = true;
      await drop();
    },
  };
}

function ask(worker: Worker, document: ParsedDocument): Promise<Chunk[]> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
    };
    const fail = (error: Error): void => {
      end();
      reject(error);
    };
    const onMessage = (message: SplitMessage): void => {
      if (!message.ok) return fail(fromWire(message.error));
      end();
      resolve(message.chunks);
    };
    const name = document.document;
    const onError = (error: Error): void =>
      fail(new StoreError('PARSE_OUT_OF_MEMORY', `${name} cannot be split: ${error.message}`));
    const onExit = (): void => fail(new StoreError('PARSE_OUT_OF_MEMORY', `${name} cannot be split: its worker ended`));
    const seconds = splitTimeMsMax / 1_000;
    const onTime = (): void =>
      fail(new StoreError('PARSE_TIMEOUT', `${name} took longer than ${seconds} seconds to split; cut it up`));
    const timer = setTimeout(onTime, splitTimeMsMax);
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    worker.postMessage(document);
  });
}
