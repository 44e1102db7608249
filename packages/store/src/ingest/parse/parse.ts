import { availableParallelism } from 'node:os';
import { StoreError } from '../../errors.ts';
import * as bounds from '../../limits.ts';
import { threads } from '../../threads/place.ts';
import { createPool, type PoolFault } from '../../threads/pool.ts';
import type { ParseLimits, ParseOutcome, ParserOptions } from '../types.ts';

/**
 * A file to parse, on disk or in memory. `relative` (with `/`) names its documents, and its extension says how it is
 * read unless `mediaType` does.
 */
export type ParseInput = { relative: string; mediaType?: string } & ({ absolute: string } | { bytes: Uint8Array });

export interface ParseOptions {
  /** Tried on an encrypted PDF. */
  passwords?: readonly string[] | undefined;
  /** Aborts the parse. The promise then rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
}

export interface DocumentParser {
  /**
   * Parses one file in a worker. A file that is damaged, encrypted, empty, too large or too slow is an outcome with
   * `ok: false`; other files are not affected.
   *
   * @throws StoreError STORE_BUSY when `parseWaitingMax` files are waiting, STORE_CLOSED after `close`
   */
  parse(file: ParseInput, options?: ParseOptions): Promise<ParseOutcome>;
  /** Ends the workers. Files in progress fail with STORE_CLOSED. */
  close(): Promise<void>;
}

export interface ParseTask {
  file: ParseInput;
  options: ParserOptions;
}

const DEFAULTS: ParseLimits = {
  fileBytesMax: bounds.fileBytesMax,
  pdfPagesMax: bounds.pdfPagesMax,
  parseTimeMsMax: bounds.parseTimeMsMax,
  workerHeapMegabytesMax: bounds.workerHeapMegabytesMax,
  workerExternalBytesMax: bounds.workerExternalBytesMax,
};

/**
 * A pool of parse workers, off the event loop, each bounded in time and memory.
 *
 * @param options.workers number of files parsed at once. Default: one less than there are processors, at most 4
 * @param options.idleMs time without a file after which a worker ends. Default: never
 */
export function openParser(options: { workers?: number; idleMs?: number; limits?: Partial<ParseLimits> } = {}): DocumentParser {
  const limits = { ...DEFAULTS, ...options.limits };
  const workers = Math.min(options.workers ?? Math.min(4, availableParallelism() - 1), bounds.parseWorkersMax);
  const pool = createPool<ParseTask, ParseOutcome>({
    worker: new URL('./parse-worker.ts', import.meta.url),
    place: threads({
      resourceLimits: { maxOldGenerationSizeMb: limits.workerHeapMegabytesMax, maxYoungGenerationSizeMb: 64 },
      // A parser needs nothing from the environment, and nobody reads its output.
      env: {},
      execArgv: [],
      stdout: true,
      stderr: true,
    }),
    workersMax: Math.max(1, workers),
    idleMs: options.idleMs,
    waitingMax: bounds.parseWaitingMax,
    startMsMax: bounds.workerStartMsMax,
    taskMsMax: limits.parseTimeMsMax,
    externalBytesMax: limits.workerExternalBytesMax,
    interruptible: true,
    error: (fault) => parseError(fault, limits),
  });
  return {
    async parse(file, { passwords, signal } = {}) {
      const task = { file: inputOf(file), options: { limits, ...(passwords === undefined ? {} : { passwords }) } };
      try {
        return await pool.run(task, { signal });
      } catch (error) {
        if (!(error instanceof StoreError) || !error.code.startsWith('PARSE_')) throw error;
        return { ok: false, file: file.relative, code: error.code, reason: error.message };
      }
    },
    close: () => pool.close(),
  };
}

/** Only what a worker needs. A file from `walk` has its size as `bytes`, so the path distinguishes the two kinds. */
const inputOf = (file: ParseInput): ParseInput => ({
  relative: file.relative,
  ...(file.mediaType === undefined ? {} : { mediaType: file.mediaType }),
  ...('absolute' in file ? { absolute: file.absolute } : { bytes: file.bytes }),
});

function parseError(fault: PoolFault, limits: ParseLimits): StoreError {
  switch (fault.kind) {
    case 'busy':
      return new StoreError(
        'STORE_BUSY',
        `${bounds.parseWaitingMax} files wait to be parsed already. Try again when some are done.`,
      );
    case 'closed':
      return new StoreError('STORE_CLOSED', 'The parser is closed.');
    case 'time':
      return new StoreError('PARSE_TIMEOUT', `The file took longer than ${fault.ms} ms to parse and was skipped.`);
    case 'memory':
      return outOfMemory(fault.bytes);
    default:
      return crashed(fault.cause, limits);
  }
}

function crashed(cause: Error, limits: ParseLimits): StoreError {
  if ('code' in cause && cause.code === 'ERR_WORKER_OUT_OF_MEMORY') return outOfMemory(limits.workerHeapMegabytesMax * 1_048_576);
  const what = cause.message.split('\n', 1)[0]?.slice(0, 160) ?? '';
  return new StoreError('PARSE_MALFORMED', `The parser stopped while it read the file (${what}). The file is likely damaged.`);
}

const outOfMemory = (bytes: number): StoreError =>
  new StoreError('PARSE_OUT_OF_MEMORY', `The file needs more than ${bytes} bytes of memory to parse. Split it or simplify it.`);
