import { parentPort } from 'node:worker_threads';
import { toWire, type WireError } from './wire-error.ts';

/**
 * A message from the pool to its worker. After `close` the worker finishes the task in progress, frees its resources,
 * and ends by itself.
 */
export type PoolRequest<Task> = { type: 'task'; task: Task } | { type: 'close' };

/** A message from the worker: first that it is ready, or why not; then one per task, in order. */
export type PoolReply<Result> =
  | { type: 'ready' }
  | { type: 'failed'; error: WireError }
  | { type: 'done'; result: Result }
  | { type: 'error'; error: WireError }
  | { type: 'dropped' };

/** The work of a pool's worker. */
export interface TaskHandler<Task, Result> {
  run(task: Task): Result | Promise<Result>;
  /** Buffers of a result that are transferred instead of copied. */
  transfer?(result: Result): ArrayBuffer[];
  /** Frees the resources of the handler before the worker ends. */
  close?(): Promise<unknown>;
}

/** The worker's end of a pool. Opens the handler, then processes one task after another. */
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
