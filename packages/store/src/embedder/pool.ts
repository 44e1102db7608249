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

interface Slot {
  worker: Worker;
  task: Task | null;
}

const WORKER_URL = new URL('./embed-worker.ts', import.meta.url);

/**
 * Starts one worker, and more when texts wait for it, up to one for each processor. A worker that dies fails its text and is replaced
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

  const next = (slot: Slot): void => {
    const task = queries.shift() ?? documents.shift();
    slot.task = task ?? null;
    if (task !== undefined) slot.worker.postMessage({ id: 0, text: task.text } satisfies EmbedRequest);
  };
  const add = async (): Promise<void> => {
    const slot: Slot = { worker: await launch(start), task: null };
    if (closed) return void (await slot.worker.terminate());
    slots.add(slot);
    slot.worker.on('message', (message: EmbedMessage) => {
      const { task } = slot;
      if (message.type === 'vector') task?.resolve(message.vector);
      if (message.type === 'error') task?.reject(failed(message.error.message));
      next(slot);
    });
    slot.worker.on('error', () => undefined);
    slot.worker.once('exit', () => {
      slots.delete(slot);
      slot.task?.reject(failed('its worker died'));
      if (!closed) grow();
    });
    next(slot);
  };
  const grow = (): void => {
    if (slots.size + starting >= workersMax || queries.length + documents.length === 0) return;
    starting += 1;
    add()
      .catch((error: Error) => {
        // Others still work; when none does, what waits would wait for ever.
        if (slots.size === 0) for (const task of [...queries.splice(0), ...documents.splice(0)]) task.reject(error);
      })
      .finally(() => (starting -= 1));
  };

  await add();
  return {
    embed(text, kind) {
      if (closed) return Promise.reject(new StoreError('STORE_CLOSED', 'the embedding model is closed'));
      if (queries.length + documents.length >= embedTextsWaitingMax) {
        return Promise.reject(
          new StoreError(
            'STORE_BUSY',
            `${embedTextsWaitingMax} texts wait to be embedded already; try again with a growing pause`,
          ),
        );
      }
      return new Promise((resolve, reject) => {
        (kind === 'query' ? queries : documents).push({ text, resolve, reject });
        const idle = [...slots].find((slot) => slot.task === null);
        if (idle !== undefined) next(idle);
        else grow();
      });
    },
    async close() {
      closed = true;
      const error = new StoreError('STORE_CLOSED', 'the embedding model is closed');
      for (const task of [...queries.splice(0), ...documents.splice(0)]) task.reject(error);
      await Promise.all([...slots].map(({ worker }) => worker.terminate()));
    },
  };
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
