import type { StoreErrorCode } from '@tributary/schemas';
import { StoreError } from '../errors.ts';
import { modelLoadMs } from '../limits.ts';
import { createPool, type Pool, type PoolFault } from '../threads/pool.ts';

export interface ModelPoolOptions {
  worker: URL;
  /** Start data of a worker. */
  start: { directory: string };
  workersMax: number;
  waitingMax: number;
  /** What the model does, for messages. */
  work: 'embedding' | 'reranking';
  /** When it fails. */
  failed: StoreErrorCode;
}

/**
 * Workers that hold a model each, of which the first is ready.
 *
 * @throws StoreError MODEL_NOT_FOUND when the model cannot be loaded
 */
export async function openModelPool<Task, Result>(options: ModelPoolOptions): Promise<Pool<Task, Result>> {
  const { worker, start, workersMax, waitingMax } = options;
  const pool = createPool<Task, Result>({
    worker,
    workerOptions: { workerData: start },
    workersMax,
    waitingMax,
    // One more task than a worker computes, so that it need not wait for this thread between two tasks.
    tasksPerWorker: 2,
    startMsMax: modelLoadMs,
    // Terminating a thread while the native session computes would end the process (Napi::Error).
    interruptible: false,
    error: (fault) => faultOf(fault, options),
  });
  try {
    await pool.start();
    return pool;
  } catch (error) {
    await pool.close();
    throw error;
  }
}

function faultOf(fault: PoolFault, { start, waitingMax, work, failed }: ModelPoolOptions): StoreError {
  const model = `the ${work} model`;
  switch (fault.kind) {
    case 'busy':
      return new StoreError('STORE_BUSY', `${waitingMax} texts wait for ${model} already; try again with a growing pause`);
    case 'closed':
      return new StoreError('STORE_CLOSED', `${model} is closed`);
    case 'task':
      return new StoreError(failed, `${model} failed: ${fault.cause.message}`);
    case 'start':
    case 'time': {
      const why = fault.kind === 'start' ? fault.cause.message : `it took longer than ${fault.ms / 1_000} seconds`;
      return new StoreError('MODEL_NOT_FOUND', `the model in ${start.directory} cannot be loaded: ${why}`);
    }
    default:
      return new StoreError(failed, `${model} failed: its worker died`);
  }
}
