import { Worker } from 'node:worker_threads';
import { StoreError } from '../errors.ts';
import { closeWaitMs, openWaitMs, workerCallsMax, workerRestartsMax } from '../limits.ts';
import type { CheckProgress, IndexStatus } from '../types.ts';
import type { CallMessage, CallName, CallParams, CallResult, WorkerMessage, WorkerStart } from './protocol.ts';
import { fromWire } from './wire-error.ts';

/** The main thread's end of an index worker. */
export interface IndexProxy {
  status(): IndexStatus;
  /** @throws StoreError STORE_BUSY, STORE_CLOSED, WORKER_CRASHED, or what the call threw */
  call<Name extends CallName>(
    name: Name,
    params: CallParams<Name>,
    onProgress?: (progress: CheckProgress) => void,
  ): Promise<CallResult<Name>>;
  /** Saves the graph and ends the worker; calls that wait are finished first. */
  close(): Promise<void>;
}

interface Pending {
  resolve(result: never): void;
  reject(error: Error): void;
  onProgress: ((progress: CheckProgress) => void) | undefined;
}

const WORKER_URL = new URL('./index-worker.ts', import.meta.url);

/**
 * Starts the worker of an index and waits until it is open. A worker that dies is started again, at most `workerRestartsMax` times
 * without a success between; its calls fail with WORKER_CRASHED, since nobody knows how far they got.
 *
 * @throws StoreError as `openIndex`
 */
export async function openProxy(start: WorkerStart): Promise<IndexProxy> {
  const { name } = start.settings;
  const pending = new Map<number, Pending>();
  let nextId = 0;
  let closing = false;
  let restarts = 0;
  let status: IndexStatus | undefined;
  let worker!: Worker;
  let opening: Promise<void>;

  const failAll = (error: StoreError): void => {
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  };
  const receive = (message: WorkerMessage): void => {
    if (message.type === 'status') status = message.status;
    else if (message.type === 'progress') pending.get(message.id)?.onProgress?.(message.progress);
    else if (message.type === 'result' || message.type === 'error') {
      const call = pending.get(message.id);
      pending.delete(message.id);
      restarts = 0;
      if (message.type === 'result') call?.resolve(message.result as never);
      else call?.reject(fromWire(message.error));
    }
  };
  const launch = async (): Promise<void> => {
    const workerData: WorkerStart = status === undefined ? start : { ...start, create: null };
    const started = new Worker(WORKER_URL, { workerData });
    worker = started;
    started.on('message', receive);
    const first = await firstMessage(started, name);
    if (first.type !== 'open') {
      await started.terminate();
      throw first.type === 'failed' ? fromWire(first.error) : crashed(name, 'it did not open');
    }
    status = first.status;
    let cause = 'it ended';
    started.on('error', (error: Error) => (cause = error.message));
    started.once('exit', () => {
      if (worker !== started) return;
      failAll(closing ? closed(name) : crashed(name, cause));
      if (closing) return;
      restarts += 1;
      if (restarts <= workerRestartsMax) opening = launch();
      else opening = Promise.reject(crashed(name, `${cause}; it died ${restarts} times in a row`));
      // Each call waits for `opening` and reports its failure.
      opening.catch(() => undefined);
    });
  };

  opening = launch();
  await opening;

  const send = async (callName: CallName, params: unknown, onProgress?: Pending['onProgress']): Promise<never> => {
    await opening;
    const id = nextId++;
    const message: CallMessage = { id, name: callName, params };
    return new Promise((resolve, reject) => {
      pending.set(id, { resolve, reject, onProgress });
      worker.postMessage(message);
    });
  };

  return {
    status: () => status!,
    async call(callName, params, onProgress) {
      if (closing) throw closed(name);
      if (pending.size >= workerCallsMax) {
        throw new StoreError(
          'STORE_BUSY',
          `${workerCallsMax} calls wait for index ${name} already; try again with a growing pause`,
        );
      }
      return send(callName, params, onProgress);
    },
    async close() {
      if (closing) return;
      closing = true;
      const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
      const timer = setTimeout(() => void worker.terminate(), closeWaitMs);
      try {
        await send('close', null);
        await ended;
      } finally {
        clearTimeout(timer);
        await worker.terminate();
      }
    },
  };
}

/** The first thing a worker says, or how it died. */
function firstMessage(worker: Worker, name: string): Promise<WorkerMessage> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(crashed(name, `it did not open within ${openWaitMs / 1_000} seconds`));
      void worker.terminate();
    }, openWaitMs);
    const end = <T>(then: (value: T) => void) => {
      return (value: T): void => {
        clearTimeout(timer);
        then(value);
      };
    };
    worker.once('message', end<WorkerMessage>(resolve));
    worker.once(
      'error',
      end<Error>((error) => reject(crashed(name, error.message))),
    );
    worker.once(
      'exit',
      end<number>((code) => reject(crashed(name, `it ended with code ${code}`))),
    );
  });
}

const crashed = (name: string, cause: string): StoreError =>
  new StoreError('WORKER_CRASHED', `the worker of index ${name} died (${cause}); it is started again: try again`);
const closed = (name: string): StoreError => new StoreError('STORE_CLOSED', `index ${name} is closed`);
