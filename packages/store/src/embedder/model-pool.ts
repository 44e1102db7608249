import type { StoreErrorCode } from '@tributary/schemas';
import { StoreError } from '../errors.ts';
import { modelIdleMs, modelLoadMs } from '../limits.ts';
import { processes } from '../threads/place.ts';
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
  /** Time without a task after which a worker lets the model go. */
  idleMs: number | undefined;
  /** False: the model is loaded when it is first needed. */
  loadNow: boolean;
}

/**
 * Workers that hold a model each, as processes: only the end of a process gives back the memory of a model. They start
 * when tasks wait for them, and end when none came for `idleMs`.
 *
 * @throws StoreError MODEL_NOT_FOUND when the model is loaded now and cannot be
 */
export async function openModelPool<Task, Result>(options: ModelPoolOptions): Promise<Pool<Task, Result>> {
  const { worker, start, workersMax, waitingMax, idleMs = modelIdleMs, loadNow } = options;
  const pool = createPool<Task, Result>({
    worker,
    place: processes(start),
    workersMax,
    waitingMax,
    // One more task than a worker computes, so that it need not wait for this process between two tasks.
    tasksPerWorker: 2,
    idleMs,
    startMsMax: modelLoadMs,
    // A task takes a fraction of a second, loading the model again more than that.
    interruptible: false,
    error: (fault) => faultOf(fault, options),
  });
  try {
    if (loadNow) await pool.start();
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
