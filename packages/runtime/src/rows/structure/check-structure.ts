import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { ConnectMode } from '../connect.ts';
import { RowsError } from '../rows-error.ts';

/**
 * What is wrong with the structure of a database, or null. It is read whole; others may read and write meanwhile.
 *
 * @throws RowsError `disk` when the thread ends without a finding
 */
export async function checkStructure(path: string, mode: ConnectMode): Promise<string | null> {
  const worker = new Worker(new URL('./check-worker.ts', import.meta.url), { execArgv: [], workerData: { path, mode } });
  const ended = once(worker, 'exit').then((): never => {
    throw new RowsError('disk', `${path}: the thread that checks it has ended`);
  });
  ended.catch(() => undefined);
  const [found] = (await Promise.race([once(worker, 'message'), ended])) as [string | null];
  await worker.terminate();
  return found;
}
