import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { StoreError } from '../errors.ts';
import { closeWaitMs, embedTextsWaitingMax, embedWorkersMax, modelLoadMs } from '../limits.ts';
import type { EmbedMessage, EmbedRequest, EmbedStart } from './messages.ts';

/** Workers that embed one text at a time each; queries go before documents. */
export interface EmbedPool {
  /**
   * The signal takes back a text that waits; one that a worker has is embedded all the same.
   *
   * @throws StoreError EMBED_FAILED, STORE_BUSY, STORE_CLOSED; the signal's reason
   */
  embed(text: string, kind: 'document' | 'query', signal?: AbortSignal): Promise<Float32Array<ArrayBuffer>>;
  /** Resolved when all workers have ended by themselves; what they work on is finished first. */
  close(): Promise<void>;
}

interface Task {
  text: string;
  resolve(vector: Float32Array<ArrayBuffer>): void;
  reject(error: Error): void;
}

/** A worker with the text it works on and the one it goes on with, so that it need not wait for this thread in between. */
interface Slot {
  worker: Worker;
  tasks: Task[];
}

const TASKS_AT_WORKER = 2;

const WORKER_URL = new URL('./embed-worker.ts', import.meta.url);

/**
 * Starts one worker, and more when texts wait for it, up to one for each processor. A worker that dies fails the texts it has and is replaced
 * by the next one that is needed.
 *
 * @throws StoreError MODEL_NOT_FOUND when the model cannot be loaded
 */
export async function openPool(
  start: EmbedStart,
  workersMax = Math.min(availableParallelism(), embedWorkersMax),
): Promise<EmbedPool> {
  const slots = new Set<Slot>();
  const queries: Task[] = [];
  const documents: Task[] = [];
  let closed = false;

  const fill = (slot: Slot): void => {
    while (slot.tasks.length < TASKS_AT_WORKER) {
      const task = queries.shift() ?? documents.shift();
      if (task === undefined) return;
      slot.tasks.push(task);
      slot.worker.postMessage({ type: 'text', text: task.text } satisfies EmbedRequest);
    }
  };
  const rejectWaiting = (error: Error): void => {
    for (const task of [...queries.splice(0), ...documents.splice(0)]) task.reject(error);
  };
  const add = async (): Promise<void> => {
    const slot: Slot = { worker: await launch(start), tasks: [] };
    if (closed) return endWorker(slot.worker);
    slots.add(slot);
    slot.worker.on('message', (message: EmbedMessage) => {
      const task = slot.tasks.shift();
      if (message.type === 'vector') task?.resolve(message.vector);
      if (message.type === 'error') task?.reject(failed(message.error.message));
      if (message.type === 'dropped') task?.reject(closedError());
      fill(slot);
    });
    slot.worker.on('error', () => undefined);
    slot.worker.once('exit', () => {
      slots.delete(slot);
      for (const task of slot.tasks) task.reject(closed ? closedError() : failed('its worker died'));
      if (!closed) grow();
    });
    fill(slot);
  };
  /** Workers on their way, so that closing waits for them too. */
  const adding = new Set<Promise<void>>();
  const grow = (): void => {
    if (closed || slots.size + adding.size >= workersMax || queries.length + documents.length === 0) return;
    // Others still work when one cannot be started; when none does, what waits would wait for ever.
    const added = add()
      .catch((error: Error) => (slots.size === 0 ? rejectWaiting(error) : undefined))
      .finally(() => adding.delete(added));
    adding.add(added);
  };

  await add();
  return {
    embed(text, kind, signal) {
      if (closed) return Promise.reject(closedError());
      if (queries.length + documents.length >= embedTextsWaitingMax) return Promise.reject(busy());
      return new Promise((resolve, reject) => {
        const queue = kind === 'query' ? queries : documents;
        queue.push(cancellable({ text, resolve, reject }, queue, signal));
        const slot = leastBusy(slots);
        if (slot?.tasks.length !== 0) grow(); // rather a worker of its own than a place behind another text
        if (slot && (slot.tasks.length === 0 || slots.size + adding.size >= workersMax)) fill(slot);
      });
    },
    async close() {
      closed = true;
      rejectWaiting(closedError());
      await Promise.all([...[...slots].map(({ worker }) => endWorker(worker)), ...adding]);
    },
  };
}

/** A task that leaves its queue when the signal comes. */
function cancellable(task: Task, queue: Task[], signal: AbortSignal | undefined): Task {
  if (signal === undefined) return task;
  const onAbort = (): void => {
    const at = queue.indexOf(waiting);
    if (at < 0) return;
    queue.splice(at, 1);
    task.reject(signal.reason as Error);
  };
  const done = (): void => signal.removeEventListener('abort', onAbort);
  const waiting: Task = {
    text: task.text,
    resolve(vector) {
      done();
      task.resolve(vector);
    },
    reject(error) {
      done();
      task.reject(error);
    },
  };
  signal.addEventListener('abort', onAbort, { once: true });
  return waiting;
}

/** Asks a worker to end and waits for it; one that does not in `closeWaitMs` hangs, and is ended. */
async function endWorker(worker: Worker): Promise<void> {
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  worker.postMessage({ type: 'close' } satisfies EmbedRequest);
  const timer = setTimeout(() => void worker.terminate(), closeWaitMs);
  await ended;
  clearTimeout(timer);
}

function leastBusy(slots: Iterable<Slot>): Slot | undefined {
  return [...slots].sort((a, b) => a.tasks.length - b.tasks.length)[0];
}

function launch(start: EmbedStart): Promise<Worker> {
  const worker = new Worker(WORKER_URL, { workerData: start });
  return new Promise((resolve, reject) => {
    const fail = (message: string): void => {
      clearTimeout(timer);
      reject(new StoreError('MODEL_NOT_FOUND', `the model in ${start.directory} cannot be loaded: ${message}`));
      void worker.terminate();
    };
    const timer = setTimeout(() => fail(`it took longer than ${modelLoadMs / 1_000} seconds`), modelLoadMs);
    worker.once('error', (error: Error) => fail(error.message));
    worker.once('message', (message: EmbedMessage) => {
      clearTimeout(timer);
      if (message.type === 'failed') fail(message.error.message);
      else resolve(worker);
    });
  });
}

const failed = (cause: string): StoreError => new StoreError('EMBED_FAILED', `the embedding model failed: ${cause}`);
const closedError = (): StoreError => new StoreError('STORE_CLOSED', 'the embedding model is closed');
const busy = (): StoreError =>
  new StoreError('STORE_BUSY', `${embedTextsWaitingMax} texts wait to be embedded already; try again with a growing pause`);
