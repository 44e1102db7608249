import type { Worker } from 'node:worker_threads';
import { StoreError } from '../errors.ts';
import { openSilentMs } from '../limits.ts';
import type { WorkerMessage } from './protocol.ts';

/** How often a worker is looked at before it is given up. */
const LOOKS = 10;
/** Share of the time that a worker must have had something to do, not to count as silent. */
const ACTIVE = 0.001;

/**
 * The first message of a worker, however long it works for that. The time in which its event loop was not idle is
 * Node's; it goes on while the loop is in one long turn, and while other processes have the processor.
 *
 * @param silentMs longest time without work
 * @throws StoreError WORKER_CRASHED when it dies instead, or is silent for longer
 */
export function firstMessage(worker: Worker, name: string, silentMs = openSilentMs): Promise<WorkerMessage> {
  return new Promise((resolve, reject) => {
    let active = 0;
    let looks = 0;
    const timer = setInterval(() => {
      const before = active;
      ({ active } = worker.performance.eventLoopUtilization());
      looks = active - before > (silentMs / LOOKS) * ACTIVE ? 0 : looks + 1;
      if (looks >= LOOKS) fail(`it did not open, and did nothing for ${silentMs / 1_000} seconds`);
    }, silentMs / LOOKS);
    const fail = (cause: string): void => {
      clearInterval(timer);
      reject(crashed(name, cause));
      void worker.terminate();
    };
    worker.once('error', (error: Error) => fail(error.message));
    worker.once('exit', (code) => fail(`it ended with code ${code}`));
    worker.once('message', (message: WorkerMessage) => {
      clearInterval(timer);
      resolve(message);
    });
  });
}

export const crashed = (name: string, cause: string): StoreError =>
  new StoreError('WORKER_CRASHED', `the worker of index ${name} died (${cause}); it is started again: try again`);
