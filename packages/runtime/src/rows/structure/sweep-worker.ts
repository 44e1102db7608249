import '../../node-gc.ts';
import { setTimeout as delay } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { connect, type ConnectMode } from '../connect.ts';
import { toRowsError } from '../rows-error.ts';
import { createSweep } from './sweep.ts';

/** Time that it is idle, as a multiple of the time that it works. */
const IDLE_TIMES = 9;
/** Least time that it is idle between two steps, in milliseconds: a lock may end a step at once. */
const IDLE_MS_MIN = 10;

/** Sweeps a database on a thread of its own. Says what is wrong with it, or null: a disk that refuses says nothing. */
async function sweep(path: string, mode: ConnectMode): Promise<string | null> {
  try {
    const database = connect(path, mode, { cacheKib: 8_192, waitMs: 1_000 });
    try {
      const next = createSweep(database);
      for (;;) {
        const began = performance.now();
        const step = next();
        if (step === 'done') return null;
        if (step !== 'more') return `row ${step.hidden} is not found by its key`;
        await delay(Math.max(IDLE_MS_MIN, IDLE_TIMES * (performance.now() - began)));
      }
    } finally {
      database.close();
    }
  } catch (error) {
    const { trouble, message } = toRowsError(error, path);
    return trouble === 'damaged' ? message : null;
  }
}

const { path, mode } = workerData as { path: string; mode: ConnectMode };
parentPort!.postMessage(await sweep(path, mode));
