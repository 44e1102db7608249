/** Waits for a pause. */
export interface Pause {
  /** Runs the task once this has not been called for the given time. */
  wait(): void;
  stop(): void;
}

export function createPause(ms: number, task: () => void): Pause {
  let timer: NodeJS.Timeout | null = null;
  return {
    wait() {
      timer ??= setTimeout(() => {
        timer = null;
        task();
      }, ms).unref();
      timer.refresh();
    },
    stop() {
      if (timer !== null) clearTimeout(timer);
    },
  };
}
