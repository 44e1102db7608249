import '../../node-gc.ts';
import { parentPort, workerData } from 'node:worker_threads';
import { connect, type ConnectMode } from '../connect.ts';
import { faultOf } from './fault-of.ts';
import { toRowsError } from '../rows-error.ts';

/** Reads the whole database on a thread of its own, and says what is wrong with its structure; null for nothing. */
function findFault(path: string, mode: ConnectMode): string | null {
  try {
    const database = connect(path, mode, { cacheKib: 8_192, waitMs: 1_000 });
    try {
      return faultOf(database);
    } finally {
      database.close();
    }
  } catch (error) {
    return toRowsError(error, path).message;
  }
}

const { path, mode } = workerData as { path: string; mode: ConnectMode };
parentPort!.postMessage(findFault(path, mode));
