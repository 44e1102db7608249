import { Worker } from 'node:worker_threads';

import type { StoreErrorCode } from '@tributary/schemas';

import { workerMemoryPollMs, workerStartMsMax } from '../../limits.ts';
import type { ParseLimits, ParseOutcome } from '../types.ts';
import type { ParseReply, ParseRequest } from './messages.ts';

/** One place for a worker. The worker is started for the first file and again after it had to be ended. */
export interface ParseSlot {
  /** Parses one file; one at a time. Rejects only when `signal` aborts. */
  run(request: ParseRequest, signal: AbortSignal | undefined): Promise<ParseOutcome>;
  close(): Promise<void>;
}

type Failure = { code: StoreErrorCode; reason: string };

export function parseSlot(limits: ParseLimits): ParseSlot {
  let worker: Worker | null = null;
  const end = async (): Promise<void> => {
    const ended = worker;
    worker = null;
    await ended?.terminate();
  };
  return {
    async run(request, signal) {
      signal?.throwIfAborted();
      const isNew = worker === null;
      worker ??= startWorker(limits, (ended) => {
        if (worker === ended) worker = null;
      });
      const result = await watch(worker, request, limits, isNew, signal);
      if ('outcome' in result) {
        worker.unref();
        return result.outcome;
      }
      await end();
      signal?.throwIfAborted();
      return { ok: false, file: request.relative, ...result };
    },
    close: end,
  };
}

function startWorker(limits: ParseLimits, onExit: (ended: Worker) => void): Worker {
  const worker = new Worker(new URL('./parse-worker.ts', import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: limits.workerHeapMegabytesMax, maxYoungGenerationSizeMb: 64 },
    // A parser needs nothing of the environment, and what it prints is of no use to anyone.
    env: {},
    execArgv: [],
    stdout: true,
    stderr: true,
  });
  // A worker may also fail between two files; the next file then gets a new one.
  return worker.on('error', () => onExit(worker)).on('exit', () => onExit(worker));
}

/** Waits for the answer, the worker's end, the time limit, the memory limit or the abort, whichever comes first. */
function watch(
  worker: Worker,
  request: ParseRequest,
  limits: ParseLimits,
  isNew: boolean,
  signal: AbortSignal | undefined,
): Promise<{ outcome: ParseOutcome } | Failure> {
  return new Promise((resolve) => {
    const stop = new AbortController();
    const settle = (result: { outcome: ParseOutcome } | Failure): void => {
      stop.abort();
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      clearTimeout(timer);
      resolve(result);
    };
    const timeout = (ms: number): NodeJS.Timeout =>
      setTimeout(
        () => settle({ code: 'PARSE_TIMEOUT', reason: `The file took longer than ${ms} ms to parse and was given up.` }),
        ms,
      );
    const begin = (): void => {
      clearTimeout(timer);
      timer = timeout(limits.parseTimeMsMax);
      worker.postMessage(request);
    };
    const onMessage = (reply: ParseReply): void => {
      if ('ready' in reply) begin();
      else settle(reply);
    };
    const onError = (error: Error): void => settle(crash(error, limits));
    const onExit = (): void => settle(crash(null, limits));
    let timer = timeout(workerStartMsMax);
    worker.ref();
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    signal?.addEventListener('abort', () => settle({ code: 'PARSE_TIMEOUT', reason: 'Aborted.' }), { signal: stop.signal });
    watchMemory(worker, limits.workerExternalBytesMax, stop.signal, settle);
    if (!isNew) begin();
  });
}

/** The heap limit of a worker does not count its buffers, so those are read while it works. */
function watchMemory(worker: Worker, bytesMax: number, stopped: AbortSignal, settle: (failure: Failure) => void): void {
  let asking = false;
  const timer = setInterval(() => {
    if (asking) return;
    asking = true;
    worker.getHeapStatistics().then(
      (heap) => {
        asking = false;
        if (heap.external_memory > bytesMax && !stopped.aborted) settle(outOfMemory(bytesMax));
      },
      // The worker has ended; its exit is reported elsewhere.
      () => clearInterval(timer),
    );
  }, workerMemoryPollMs);
  stopped.addEventListener('abort', () => clearInterval(timer), { once: true });
}

function crash(error: Error | null, limits: ParseLimits): Failure {
  if (error !== null && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return outOfMemory(limits.workerHeapMegabytesMax * 1_048_576);
  }
  const what = error === null ? '' : ` (${error.message.split('\n', 1)[0]?.slice(0, 160) ?? ''})`;
  return { code: 'PARSE_MALFORMED', reason: `The parser stopped while it read the file${what}. The file is likely damaged.` };
}

function outOfMemory(bytesMax: number): Failure {
  return {
    code: 'PARSE_OUT_OF_MEMORY',
    reason: `The file needs more than ${bytesMax} bytes of memory to parse. Split it or simplify it.`,
  };
}
