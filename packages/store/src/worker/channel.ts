import { Worker } from 'node:worker_threads';
import type { IndexStatus } from '../types.ts';
import type { CheckProgress } from '../reports.ts';
import { crashed, firstMessage } from './first-message.ts';
import { fromSentAnswer, type SentAnswer } from './sent-answers.ts';
import { createReceiver, type SentOutcome } from './sent-records.ts';
import type { CallMessage, CallName, WorkerMessage, WorkerStart } from './protocol.ts';
import { fromWire } from '../threads/wire-error.ts';

/** One run of an index worker. */
export interface WorkerChannel {
  status(): IndexStatus;
  /** Number of calls that wait for their result. */
  readonly waiting: number;
  /** @throws StoreError WORKER_CRASHED when the worker dies first, or the error of the call */
  send(name: CallName, params: unknown, onProgress?: (progress: CheckProgress) => void): Promise<unknown>;
  /** Resolves with the cause when the worker has ended. */
  readonly ended: Promise<string>;
  terminate(): Promise<void>;
}

interface Pending {
  name: CallName;
  resolve(result: unknown): void;
  reject(error: Error): void;
  onProgress: ((progress: CheckProgress) => void) | undefined;
}

const WORKER_URL = new URL('./index-worker.ts', import.meta.url);

/**
 * Starts a worker and waits until its index is open.
 *
 * @throws StoreError WORKER_CRASHED, or the reason why the index cannot be opened
 */
export async function openChannel(start: WorkerStart): Promise<WorkerChannel> {
  const { name } = start.settings;
  const worker = new Worker(WORKER_URL, { workerData: start });
  const pending = new Map<number, Pending>();
  const fromSent = createReceiver();
  let nextId = 0;
  let cause = 'it ended';
  let ended = false;
  const ending = Promise.withResolvers<string>();
  worker.on('error', (error: Error) => (cause = error.message));
  worker.once('exit', () => {
    ended = true;
    for (const { reject } of pending.values()) reject(crashed(name, cause));
    pending.clear();
    ending.resolve(cause);
  });

  const first = await firstMessage(worker, name);
  if (first.type !== 'open') {
    await worker.terminate();
    throw first.type === 'failed' ? fromWire(first.error) : crashed(name, 'it did not open');
  }
  let { status } = first;
  worker.on('message', (message: WorkerMessage) => {
    if (message.type === 'status') status = message.status;
    else if (message.type === 'progress') pending.get(message.id)?.onProgress?.(message.progress);
    else if (message.type === 'result' || message.type === 'error') {
      const call = pending.get(message.id);
      pending.delete(message.id);
      if (message.type === 'result') call?.resolve(received(call.name, message.result, fromSent));
      else call?.reject(fromWire(message.error));
    }
  });

  return {
    status: () => status,
    get waiting() {
      return pending.size;
    },
    send(callName, params, onProgress) {
      if (ended) return Promise.reject(crashed(name, cause));
      const id = nextId++;
      const message: CallMessage = { id, name: callName, params };
      return new Promise((resolve, reject) => {
        // A message that cannot be cloned throws here, before anything waits for its answer.
        worker.postMessage(message);
        pending.set(id, { name: callName, resolve, reject, onProgress });
      });
    },
    ended: ending.promise,
    async terminate() {
      await worker.terminate();
    },
  };
}

/** The result of a call, of the form in which it crossed the thread boundary. */
function received(name: CallName, result: unknown, fromSent: ReturnType<typeof createReceiver>): unknown {
  if (name === 'search') return fromSent(result as SentOutcome);
  return name === 'answer' || name === 'rebuild' ? fromSentAnswer(result as SentAnswer) : result;
}
