import { Worker } from 'node:worker_threads';
import { shippedModel } from '../model.ts';

/** Workers that only embed. */
export interface BareEmbedding {
  readonly workers: number;
  /** Resolves when all texts are embedded. The longest go first, so that the workers finish together. */
  embed(texts: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

export async function startBareEmbedding(count: number): Promise<BareEmbedding> {
  const file = new URL('./embed-worker.ts', import.meta.url);
  const workers = Array.from({ length: count }, () => new Worker(file, { workerData: { modelDirectory: shippedModel } }));
  await Promise.all(workers.map(next));
  return {
    workers: workers.length,
    async embed(texts) {
      const queue = texts.toSorted((a, b) => a.length - b.length);
      const drain = async (worker: Worker): Promise<void> => {
        for (let text = queue.pop(); text !== undefined; text = queue.pop()) {
          const vector = next(worker);
          worker.postMessage(text);
          await vector;
        }
      };
      await Promise.all(workers.map(drain));
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

function next(worker: Worker): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      worker.off('message', onMessage);
      worker.off('error', onError);
    };
    const onMessage = (message: unknown): void => {
      end();
      resolve(message);
    };
    const onError = (error: Error): void => {
      end();
      reject(error);
    };
    worker.on('message', onMessage);
    worker.on('error', onError);
  });
}
