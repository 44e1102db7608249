import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/** Where a worker of a pool runs. */
export interface Place {
  /** True in a process of its own: ending it at any moment harms nothing else, and gives back all of its memory. */
  readonly apart: boolean;
  post(message: unknown): void;
  /** Ends it without waiting for what it does. */
  end(): void;
  /** Bytes that it holds outside of its JavaScript heap. Rejects when it has ended. */
  externalBytes(): Promise<number>;
}

export interface PlaceEvents {
  onMessage(message: unknown): void;
  /** It throws; the exit follows. */
  onError(error: Error): void;
  onExit(): void;
}

/** Opens the place where a module runs that calls `serveTasks`. */
export type OpenPlace = (module: URL, events: PlaceEvents) => Place;

/** Threads of this process. Memory that native code freed in one may stay with the process. */
export const threads =
  (options: WorkerOptions = {}): OpenPlace =>
  (module, { onMessage, onError, onExit }) => {
    const worker = new Worker(module, options);
    worker.on('message', onMessage);
    worker.on('error', onError);
    worker.once('exit', onExit);
    return {
      apart: false,
      post: (message) => worker.postMessage(message),
      end: () => void worker.terminate(),
      externalBytes: async () => (await worker.getHeapStatistics()).external_memory,
    };
  };

/**
 * Processes. A crash of native code ends only its own, and the system gets all memory back when one ends. One that
 * loses its parent ends by itself (`serveTasks`).
 *
 * @param data start data, JSON
 */
export const processes =
  (data: unknown): OpenPlace =>
  (module, { onMessage, onError, onExit }) => {
    const child = fork(fileURLToPath(module), [JSON.stringify(data)], {
      serialization: 'advanced',
      execArgv: [],
      // The parent's standard output is for results.
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      // Each thread would keep freed memory in a part of glibc's heap of its own: 55 MB more with one model.
      env: { ...process.env, MALLOC_ARENA_MAX: '1' },
    });
    child.on('message', onMessage);
    child.on('error', onError);
    if (child.pid === undefined) child.once('error', onExit);
    // Its last messages may be read after its exit, but not after the end of the line.
    const left = new Set(['exit', 'disconnect']);
    for (const event of left)
      child.once(event, () => {
        left.delete(event);
        if (left.size === 0) onExit();
      });
    return {
      apart: true,
      post: (message) => {
        // Its exit is handled elsewhere.
        if (child.connected) child.send(message as object, () => undefined);
      },
      end: () => void child.kill('SIGKILL'),
      externalBytes: () => Promise.reject(new Error('not measured in a process')),
    };
  };
