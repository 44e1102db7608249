import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { StoreError } from '../errors.ts';
import { embedTextsWaitingMax, embedWorkersMax, modelLoadMs } from '../limits.ts';
import type { EmbedMessage, EmbedRequest, EmbedStart } from './messages.ts';

/** Workers that embed one text at a time each; queries go before documents. */
export interface EmbedPool {
  /** @throws StoreError EMBED_FAILED, STORE_BUSY, STORE_CLOSED */
  embed(text: string, kind: 'document' | 'query'): Promise<Float32Array<ArrayBuffer>>;
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
  let starting = 0;
  let closed = false;

  const fill = (slot: Slot): void => {
    while (slot.tasks.length < TASKS_AT_WORKER) {
      const task = queries.shift() ?? documents.shift();
      if (task === undefined) return;
      slot.tasks.push(task);
      slot.worker.postMessage({ text: task.text } satisfies EmbedRequest);
    }
  };
  const rejectWaiting = (error: Error): void => {
    for (const task of [...queries.splice(0), ...documents.splice(0)]) task.reject(error);
  };
  const add = async (): Promise<void> => {
    const slot: Slot = { worker: await launch(start), tasks: [] };
    if (closed) return void (await slot.worker.terminate());
    slots.add(slot);
    slot.worker.on('message', (message: EmbedMessage) => {
      const task = slot.tasks.shift();
      if (message.type === 'vector') task?.resolve(message.vector);
      if (message.type === 'error') task?.reject(failed(message.error.message));
      fill(slot);
    });
    slot.worker.on('error', () => undefined);
    slot.worker.once('exit', () => {
      slots.delete(slot);
      for (const task of slot.tasks) task.reject(failed('its worker died'));
      if (!closed) grow();
    });
    fill(slot);
  };
  const grow = (): void => {
    if (slots.size + starting >= workersMax || queries.length + documents.length === 0) return;
    starting += 1;
    add()
      .catch((error: Error) => {
        // Others still work; when none does, what waits would wait for ever.
        if (slots.size === 0) rejectWaiting(error);
      })
      .finally(() => (starting -= 1));
  };

  await add();
  return {
    embed(text, kind) {
      if (closed) return Promise.reject(new StoreError('STORE_CLOSED', 'the embedding model is closed'));
      if (queries.length + documents.length >= embedTextsWaitingMax) return Promise.reject(busy());
      return new Promise((resolve, reject) => {
        (kind === 'query' ? queries : documents).push({ text, resolve, reject });
        const slot = leastBusy(slots);
        if (slot?.tasks.length !== 0) grow(); // rather a worker of its own than a place behind another text
        if (slot && (slot.tasks.length === 0 || slots.size + starting >= workersMax)) fill(slot);
      });
    },
    async close() {
      closed = true;
      rejectWaiting(new StoreError('STORE_CLOSED', 'the embedding model is closed'));
      await Promise.all([...slots].map(({ worker }) => worker.terminate()));
    },
  };
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
const busy = (): StoreError =>
  new StoreError('STORE_BUSY', `${embedTextsWaitingMax} texts wait to be embedded already; try again with a growing pause`);
