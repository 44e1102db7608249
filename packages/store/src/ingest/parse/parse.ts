import { availableParallelism } from 'node:os';

import { StoreError } from '../../errors.ts';
import * as bounds from '../../limits.ts';
import type { ParseRequest } from './messages.ts';
import { parseSlot, type ParseSlot } from './parse-slot.ts';
import type { ParseLimits, ParseOutcome } from '../types.ts';

/** A file to parse, on disk or in memory; `relative` (with `/`) names its documents. */
export type ParseInput = { absolute: string; relative: string } | { bytes: Uint8Array; relative: string };

export interface ParseOptions {
  /** Tried on an encrypted PDF. */
  passwords?: readonly string[];
  /** Overrides what the file's name says. */
  mediaType?: string;
  /** Ends the parse; the promise then rejects with the signal's reason. */
  signal?: AbortSignal;
}

export interface DocumentParser {
  /**
   * Parses one file in a worker. A file that is damaged, encrypted, empty, too large or too slow is an outcome with `ok: false`; the
   * other files are not disturbed.
   *
   * @throws StoreError STORE_BUSY when `parseWaitingMax` files wait already, STORE_CLOSED after `close`
   */
  parse(file: ParseInput, options?: ParseOptions): Promise<ParseOutcome>;
  /** Ends the workers. What is being parsed ends with STORE_CLOSED. */
  close(): Promise<void>;
}

interface Waiting {
  start(slot: ParseSlot): void;
  refuse(error: unknown): void;
}

/**
 * A pool of parse workers, off the event loop, each bounded in time and memory.
 *
 * @param options.workers how many files are parsed at once; by default one less than there are processors, at most 4
 */
export function openParser(options: { workers?: number; limits?: Partial<ParseLimits> } = {}): DocumentParser {
  const limits: ParseLimits = { ...defaultLimits(), ...options.limits };
  const workers = Math.min(options.workers ?? Math.min(4, availableParallelism() - 1), bounds.parseWorkersMax);
  const free = Array.from({ length: Math.max(1, workers) }, () => parseSlot(limits));
  const slots = [...free];
  const waiting = new Set<Waiting>();
  const closing = new AbortController();

  const acquire = (signal: AbortSignal): Promise<ParseSlot> => {
    const slot = free.pop();
    if (slot !== undefined) return Promise.resolve(slot);
    if (waiting.size >= bounds.parseWaitingMax) {
      throw new StoreError(
        'STORE_BUSY',
        `${bounds.parseWaitingMax} files wait to be parsed already. Try again when some are done.`,
      );
    }
    return waitForSlot(waiting, signal);
  };
  const release = (slot: ParseSlot): void => {
    const [next] = waiting;
    if (next === undefined) free.push(slot);
    else next.start(slot);
  };

  return {
    async parse(file, parseOptions = {}) {
      const signal = parseOptions.signal === undefined ? closing.signal : AbortSignal.any([closing.signal, parseOptions.signal]);
      signal.throwIfAborted();
      const slot = await acquire(signal);
      try {
        return await slot.run(requestOf(file, parseOptions, limits), signal);
      } finally {
        release(slot);
      }
    },
    async close() {
      closing.abort(new StoreError('STORE_CLOSED', 'The parser is closed.'));
      await Promise.all(slots.map((slot) => slot.close()));
    },
  };
}

function waitForSlot(waiting: Set<Waiting>, signal: AbortSignal): Promise<ParseSlot> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      waiting.delete(entry);
      signal.removeEventListener('abort', onAbort);
    };
    const onAbort = (): void => entry.refuse(signal.reason);
    const entry: Waiting = {
      start(slot) {
        leave();
        resolve(slot);
      },
      refuse(error) {
        leave();
        reject(error);
      },
    };
    waiting.add(entry);
    signal.addEventListener('abort', onAbort);
  });
}

function requestOf(file: ParseInput, { passwords, mediaType }: ParseOptions, limits: ParseLimits): ParseRequest {
  const options = {
    limits,
    ...(passwords === undefined ? {} : { passwords }),
    ...(mediaType === undefined ? {} : { mediaType }),
  };
  // A file that `walk` found has its size under the name `bytes`, so the path is what tells the two apart.
  return 'absolute' in file
    ? { absolute: file.absolute, relative: file.relative, options }
    : { bytes: file.bytes, relative: file.relative, options };
}

function defaultLimits(): ParseLimits {
  return {
    fileBytesMax: bounds.fileBytesMax,
    pdfPagesMax: bounds.pdfPagesMax,
    parseTimeMsMax: bounds.parseTimeMsMax,
    workerHeapMegabytesMax: bounds.workerHeapMegabytesMax,
    workerExternalBytesMax: bounds.workerExternalBytesMax,
  };
}
