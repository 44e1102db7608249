import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** What is wrong with the structure of a database, or null. It is read whole; others may read and write meanwhile. */
export async function checkStructure(path: string): Promise<string | null> {
  const worker = new Worker(new URL('./check-worker.ts', import.meta.url), { execArgv: [], workerData: path });
  const [found] = (await once(worker, 'message')) as [string | null];
  await worker.terminate();
  return found;
}
