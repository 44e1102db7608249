/** Lets writes pass, and holds them back while something must be alone. */
export interface Turnstile {
  /** Writes that ended. */
  readonly passed: number;
  /** Runs a write, after those before it have begun. */
  pass(write: () => Promise<void>): Promise<void>;
  /** Runs a step while no write and no other step is in progress. Those that come meanwhile wait. */
  alone<T>(step: () => Promise<T>): Promise<T>;
}

export function createTurnstile(): Turnstile {
  let passed = 0;
  let inProgress = 0;
  /** Steps that run or wait. */
  let steps = 0;
  let lastStep: Promise<unknown> = Promise.resolve();
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
  const runAlone = async <T>(step: () => Promise<T>): Promise<T> => {
    try {
      empty = Promise.withResolvers<void>();
      if (inProgress > 0) await empty.promise;
      // Whoever waited for the last write acts on it first.
      await new Promise((resolve) => setImmediate(resolve));
      return await step();
    } finally {
      steps -= 1;
      if (steps === 0) for (const next of waiting.splice(0)) next();
    }
  };
  return {
    get passed() {
      return passed;
    },
    async pass(write) {
      if (steps === 0) return run(write);
      const ended = Promise.withResolvers<void>();
      waiting.push(() => void run(write).then(ended.resolve, ended.reject));
      return ended.promise;
    },
    alone(step) {
      steps += 1;
      const done = lastStep.then(() => runAlone(step));
      lastStep = done.catch(() => undefined);
      return done;
    },
  };
}
