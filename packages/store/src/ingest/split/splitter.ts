import { StoreError } from '../../errors.ts';
import { splitInlineUnitsMax, splitTimeMsMax } from '../../limits.ts';
import { threads } from '../../threads/place.ts';
import { createPool, type PoolFault } from '../../threads/pool.ts';
import type { Embedder } from '../../embedding.ts';
import type { Chunk, ParsedDocument } from '../types.ts';
import { split } from './split.ts';

/** Splits documents for a model's window. Long ones are split off the event loop. */
export interface Splitter {
  /**
   * One document at a time.
   *
   * @throws StoreError PARSE_TOO_LARGE, PARSE_TIMEOUT, PARSE_OUT_OF_MEMORY, STORE_CLOSED
   */
  split(document: ParsedDocument): Promise<Chunk[]>;
  close(): Promise<void>;
}

/**
 * Counting tokens takes about a second per megabyte of text. A worker needs the tokenizer's files. For models without
 * them (an `Embedder` without `tokenizer`) documents are split in this thread. `chunkTokens` bounds chunks below the
 * window.
 */
export function openSplitter(embedder: Embedder, chunkTokens = embedder.maxTokens): Splitter {
  const { tokenizer } = embedder;
  const maxTokens = Math.min(embedder.maxTokens, chunkTokens);
  const pool = createPool<ParsedDocument, Chunk[]>({
    worker: new URL('./split-worker.ts', import.meta.url),
    place: threads({ workerData: { tokenizer, maxTokens } }),
    workersMax: 1,
    waitingMax: 1,
    startMsMax: splitTimeMsMax,
    taskMsMax: splitTimeMsMax,
    interruptible: true,
    error: (fault, document) => splitError(fault, document?.document ?? 'a document'),
  });
  return {
    async split(document) {
      if (tokenizer !== undefined && document.text.length > splitInlineUnitsMax) return pool.run(document);
      return split(document, { maxTokens, countTokens: (text) => embedder.countTokens(text) });
    },
    close: () => pool.close(),
  };
}

function splitError(fault: PoolFault, name: string): Error {
  switch (fault.kind) {
    case 'closed':
      return new StoreError('STORE_CLOSED', 'the ingest has ended');
    case 'busy':
      return new StoreError('STORE_BUSY', `${name} cannot be split: other documents wait for that`);
    case 'time':
      return new StoreError(
        'PARSE_TIMEOUT',
        `${name} took longer than ${fault.ms / 1_000} seconds to split; divide it into smaller files`,
      );
    case 'died':
      return new StoreError('PARSE_OUT_OF_MEMORY', `${name} cannot be split: ${fault.cause.message}`);
    case 'memory':
      return new StoreError('PARSE_OUT_OF_MEMORY', `${name} needs more than ${fault.bytes} bytes of memory to split`);
    default:
      return fault.cause;
  }
}
