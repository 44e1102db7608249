import { StoreError } from '../errors.ts';
import { closeWaitMs, workerCallsMax, workerRestartsMax } from '../limits.ts';
import type { IndexStatus } from '../types.ts';
import { openChannel, type WorkerChannel } from './channel.ts';
import { crashed } from './first-message.ts';
import type { Call, WorkerStart } from './protocol.ts';

/** The main thread's end of an index worker. */
export interface IndexProxy {
  status(): IndexStatus;
  /** @throws StoreError STORE_BUSY, STORE_CLOSED, WORKER_CRASHED, or the error of the call */
  call: Call;
  /** Saves the graph and ends the worker. Waiting calls are finished first. */
  close(isLeaving?: boolean): Promise<void>;
}

/**
 * Starts the worker of an index and waits until it is open. A worker that dies is restarted, at most
 * `workerRestartsMax` times without a successful call in between. Calls that waited fail with WORKER_CRASHED, because
 * nobody knows how far they got.
 *
 * @param open starts a worker; tests keep a reference to what it returns
 * @throws StoreError as `openIndex`
 */
export async function openProxy(start: WorkerStart, open: typeof openChannel = openChannel): Promise<IndexProxy> {
  const { name } = start.settings;
  let channel = await open(start);
  /** Settled once `channel` is the present worker; rejected when there will be none. */
  let opening: Promise<void> = Promise.resolve();
  let restarts = 0;
  let closing: Promise<void> | null = null;

  const watch = (watched: WorkerChannel): void => {
    void watched.ended.then((cause) => {
      if (closing !== null) return;
      restarts += 1;
      opening = restarts > workerRestartsMax ? Promise.reject(crashed(name, `${cause}, ${restarts} times in a row`)) : restart();
      // Each call awaits `opening` and reports its failure.
      opening.catch(() => undefined);
    });
  };
  const restart = async (): Promise<void> => {
    channel = await open({ ...start, create: null });
    watch(channel);
  };
  watch(channel);

  return {
    status: () => channel.status(),
    async call(callName, params, onProgress) {
      if (closing !== null) throw new StoreError('STORE_CLOSED', `index ${name} is closed`);
      if (channel.waiting >= workerCallsMax) {
        throw new StoreError(
          'STORE_BUSY',
          `${workerCallsMax} calls wait for index ${name} already; try again with a growing pause`,
        );
      }
      await opening;
      const result = await channel.send(callName, params, onProgress);
      restarts = 0;
      return result as never;
    },
    close(isLeaving = false) {
      closing ??= opening.then(
        () => end(channel, isLeaving),
        () => undefined,
      );
      return closing;
    },
  };
}

/** Asks the worker to save and end, and terminates it when that takes longer than `closeWaitMs`. */
async function end(channel: WorkerChannel, isLeaving: boolean): Promise<void> {
  const timer = setTimeout(() => void channel.terminate(), closeWaitMs);
  try {
    await channel.send('close', isLeaving ? 'leaving' : null);
    await channel.ended;
  } finally {
    clearTimeout(timer);
    await channel.terminate();
  }
}
