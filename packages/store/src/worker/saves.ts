import { cacheDelayMs, purgeDelayMs } from '../limits.ts';
import type { IndexState } from '../state.ts';
import { areCachesDue, areCachesStale, saveCaches } from './caches.ts';

/** When graph and image are saved while the index is open. The graph does not grow meanwhile. */
export interface Saves {
  /** Begins to save them if so much has changed. True while something is being saved. */
  begun(): boolean;
  /** Sees to it that a change is saved some time. */
  later(): void;
  /** Runs another task that saves the graph, unless something is being saved. */
  hold(task: () => Promise<void>): void;
  stop(): void;
}

/**
 * @param now clock in Unix milliseconds
 * @param enqueue runs a task after those before it
 * @param onEnd is called when the graph may grow again
 */
export function createSaves(
  state: IndexState,
  now: () => number,
  enqueue: (task: () => Promise<void>) => Promise<void>,
  onEnd: () => void,
): Saves {
  let saving = false;
  let timer: NodeJS.Timeout | null = null;
  /** When a save that failed may be tried again. */
  let againAt = 0;
  const fail = (): void => void (againAt = now() + purgeDelayMs);

  const hold = (task: () => Promise<void>): void => {
    if (saving) return;
    saving = true;
    void enqueue(task)
      .catch(fail)
      .finally(() => {
        saving = false;
        onEnd();
      });
  };
  const save = (): Promise<void> => saveCaches(state);
  return {
    begun() {
      if (!saving && areCachesDue(state) && now() >= againAt) hold(save);
      return saving;
    },
    later() {
      timer ??= setTimeout(() => {
        timer = null;
        if (areCachesStale(state)) hold(save);
      }, cacheDelayMs).unref();
    },
    hold,
    stop() {
      if (timer !== null) clearTimeout(timer);
    },
  };
}
