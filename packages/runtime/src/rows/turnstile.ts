/** Lets writes pass, and holds them back while something must be alone. */
export interface Turnstile {
  /** Writes that ended. */
  readonly passed: number;
  /** Runs a write, after those before it have begun. */
  pass(write: () => Promise<void>): Promise<void>;
  /** Runs a step while no write is in progress. Those that come meanwhile wait. */
  alone<T>(step: () => Promise<T>): Promise<T>;
}

export function createTurnstile(): Turnstile {
  let passed = 0;
  let inProgress = 0;
  let closed = false;
  const waiting: (() => void)[] = [];
  let empty = Promise.withResolvers<void>();

  const run = async (write: () => Promise<void>): Promise<void> => {
    inProgress += 1;
    try {
      await write();
    } finally {
      passed += 1;
      inProgress -= 1;
      if (inProgress === 0) empty.resolve();
    }
  };
  return {
    get passed() {
      return passed;
    },
    async pass(write) {
      if (!closed) return run(write);
      const ended = Promise.withResolvers<void>();
      waiting.push(() => void run(write).then(ended.resolve, ended.reject));
      return ended.promise;
    },
    async alone(step) {
      if (closed) throw new Error('only one step can be alone');
      closed = true;
      try {
        empty = Promise.withResolvers<void>();
        if (inProgress > 0) await empty.promise;
        // Whoever waited for the last write acts on it first.
        await new Promise((resolve) => setImmediate(resolve));
        return await step();
      } finally {
        closed = false;
        for (const next of waiting.splice(0)) next();
      }
    },
  };
}
