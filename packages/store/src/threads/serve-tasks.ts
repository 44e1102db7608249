import { parentPort } from 'node:worker_threads';
import { toWire, type WireError } from './wire-error.ts';

/**
 * What a pool says to its worker. `close`: it finishes the task it works on, gives back what it holds, and ends by
 * itself.
 */
export type PoolRequest<Task> = { type: 'task'; task: Task } | { type: 'close' };

/** What the worker answers: that it can work, or why not; then for each task in its order. */
export type PoolReply<Result> =
  | { type: 'ready' }
  | { type: 'failed'; error: WireError }
  | { type: 'done'; result: Result }
  | { type: 'error'; error: WireError }
  | { type: 'dropped' };

/** What a worker of a pool does. */
export interface TaskHandler<Task, Result> {
  run(task: Task): Result | Promise<Result>;
  /** Buffers of a result that are handed over instead of copied. */
  transfer?(result: Result): ArrayBuffer[];
  /** Gives back what the handler holds before the worker ends. */
  close?(): Promise<unknown>;
}

/** The worker's end of a pool: opens its handler, then does one task after the other. */
export async function serveTasks<Task, Result>(open: () => Promise<TaskHandler<Task, Result>>): Promise<void> {
  const port = parentPort!;
  const post = (reply: PoolReply<Result>, transfer: ArrayBuffer[] = []): void => port.postMessage(reply, transfer);
  try {
    const handler = await open();
    const answer = async (task: Task): Promise<void> => {
      try {
        const result = await handler.run(task);
        post({ type: 'done', result }, handler.transfer?.(result));
      } catch (error) {
        post({ type: 'error', error: toWire(error) });
      }
    };
    const end = (): void => port.close();
    let last: Promise<void> = Promise.resolve();
    let closing = false;
    port.on('message', (request: PoolRequest<Task>) => {
      if (request.type === 'close') {
        closing = true;
        last = last.then(() => handler.close?.()).then(end, end);
      } else last = last.then(() => (closing ? post({ type: 'dropped' }) : answer(request.task)));
    });
    post({ type: 'ready' });
  } catch (error) {
    post({ type: 'failed', error: toWire(error) });
  }
}
