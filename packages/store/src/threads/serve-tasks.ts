import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
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
  /** Buffers of a result that are transferred instead of copied, between threads. */
  transfer?(result: Result): ArrayBuffer[];
  /** Frees the resources of the handler before the worker ends. */
  close?(): Promise<unknown>;
}

/** The worker's end of the line to its pool. */
interface Line {
  post(reply: unknown, transfer: ArrayBuffer[]): void;
  onRequest(listener: (request: unknown) => void): void;
  end(): Promise<void>;
}

/** What the pool gave its worker at the start. */
export const startData = <Data>(): Data => (parentPort === null ? JSON.parse(process.argv[2]!) : workerData) as Data;

/** Opens the handler, then processes one task after another. */
export async function serveTasks<Task, Result>(open: () => Promise<TaskHandler<Task, Result>>): Promise<void> {
  const line = parentPort === null ? lineOfProcess() : lineOfThread(parentPort);
  const post = (reply: PoolReply<Result>, transfer: ArrayBuffer[] = []): void => line.post(reply, transfer);
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
    const end = () => line.end();
    let last: Promise<void> = Promise.resolve();
    let closing = false;
    let held = 0;
    line.onRequest((message) => {
      const request = message as PoolRequest<Task>;
      if (request.type === 'close') {
        closing = true;
        last = last.then(() => handler.close?.()).then(end, end);
        return;
      }
      // A process may read the close together with a task; the task counts as begun.
      const begins = held++ === 0;
      last = last.then(() => (closing && !begins ? post({ type: 'dropped' }) : answer(request.task))).then(() => void held--);
    });
    post({ type: 'ready' });
  } catch (error) {
    post({ type: 'failed', error: toWire(error) });
  }
}

const lineOfThread = (port: MessagePort): Line => ({
  post: (reply, transfer) => port.postMessage(reply, transfer),
  onRequest: (listener) => port.on('message', listener),
  end: async () => port.close(),
});

/** A process of its own ends with its line, also when the pool's process was killed. */
function lineOfProcess(): Line {
  // A terminal sends these to all processes of a program, and the pool's process says when this one shall end.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  let sent: Promise<void> = Promise.resolve();
  return {
    post: (reply) => {
      sent = new Promise((resolve) => process.send!(reply, () => resolve()));
    },
    onRequest: (listener) => void process.on('message', listener),
    end: async () => {
      await sent;
      process.disconnect();
    },
  };
}
