export interface GroupCommitOptions<Draft> {
  /** An empty draft on top of what is committed. */
  begin(): Draft;
  /** Makes the draft durable, or throws. After a failed write it is unknown whether it is on disk. */
  write(draft: Draft): Promise<void>;
  /** Reads the state from the disk again after a failed write. While this throws, every change fails with its error. */
  recover(): Promise<void>;
  /** Resolves when a group closes. Everything submitted until then belongs to it. */
  turn(): Promise<unknown>;
  /** Most changes in a group. */
  readonly groupMax: number;
  /** Largest weight of a group, unless one change alone weighs more. */
  readonly groupWeightMax?: number;
  /** Most changes that wait for a group. */
  readonly waitingMax: number;
  /** The error for a change that arrives when `waitingMax` wait. */
  overloaded(): Error;
  /** The error for the changes of a group that could not be written. Called before any change is rejected. */
  failed(cause: unknown): unknown;
}

/**
 * Orders changes and makes them durable in groups. What is submitted while one group is being written forms the next.
 */
export interface GroupCommit<Draft> {
  /**
   * Resolves with the result of `prepare` once the draft is durable. `prepare` runs when the group begins, in the order
   * of submission. If it throws, it must have left the draft unchanged, and only its own change fails.
   *
   * @throws the errors of `overloaded`, `failed` and `recover`; after the last two the change may or may not be on disk
   */
  submit<Result>(prepare: (draft: Draft) => Result | Promise<Result>, weight?: number): Promise<Result>;
  /**
   * Resolves when the state agrees with the disk; reads it again if necessary.
   *
   * @throws the error of `recover`
   */
  ready(): Promise<void>;
  /** False from a failed write until the state was read again. */
  readonly healthy: boolean;
  /** Makes the next change read the state again first, because the state contradicts the disk. */
  distrust(): void;
  /** Resolves when nothing waits. */
  idle(): Promise<void>;
}

interface Change<Draft> {
  readonly weight: number;
  /** Its result, or undefined until that is known. */
  prepare(draft: Draft): Promise<void> | void;
  resolve(): void;
  reject(error: unknown): void;
}

/** Group commit: one disk write at a time, shared by all changes that wait for it. */
export function createGroupCommit<Draft>(options: GroupCommitOptions<Draft>): GroupCommit<Draft> {
  const queue: Change<Draft>[] = [];
  let healthy = true;
  let running: Promise<void> | null = null;
  let recovering: Promise<void> | null = null;

  const heal = (): Promise<void> => {
    recovering ??= options
      .recover()
      .then(() => {
        healthy = true;
      })
      .finally(() => {
        recovering = null;
      });
    return recovering;
  };
  const ready = (): Promise<void> => (healthy ? Promise.resolve() : heal());
  const run = async (): Promise<void> => {
    while (queue.length > 0) {
      await options.turn();
      try {
        await ready();
      } catch (error) {
        for (const change of queue.splice(0)) change.reject(error);
        return;
      }
      await commitGroup(takeGroup(queue, options), options, () => {
        healthy = false;
      });
    }
    // After a failure the state is read again at once, so that reads can continue.
    if (!healthy) await heal().catch(() => undefined);
  };
  const start = (): void => {
    running ??= run().finally(() => {
      running = null;
      if (queue.length > 0) start();
    });
  };
  return {
    submit(prepare, weight = 1) {
      if (queue.length >= options.waitingMax) return Promise.reject(options.overloaded());
      return new Promise((resolve, reject) => {
        queue.push({ ...withResult(prepare, resolve), weight, reject });
        start();
      });
    },
    ready,
    get healthy() {
      return healthy;
    },
    distrust() {
      healthy = false;
    },
    async idle() {
      while (running !== null) await running;
      await recovering?.catch(() => undefined);
    },
  };
}

/** Keeps the result until the disk has it. */
function withResult<Draft, Result>(
  prepare: (draft: Draft) => Result | Promise<Result>,
  resolve: (result: Result) => void,
): Pick<Change<Draft>, 'prepare' | 'resolve'> {
  let result: Result;
  return {
    prepare(draft) {
      const prepared = prepare(draft);
      if (!(prepared instanceof Promise)) {
        result = prepared;
        return;
      }
      return prepared.then((value) => {
        result = value;
      });
    },
    resolve: () => resolve(result),
  };
}

function takeGroup<Draft>(
  queue: Change<Draft>[],
  { groupMax, groupWeightMax = Infinity }: GroupCommitOptions<Draft>,
): Change<Draft>[] {
  let count = 0;
  let weight = 0;
  while (count < Math.min(queue.length, groupMax)) {
    weight += queue[count]!.weight;
    if (count > 0 && weight > groupWeightMax) break;
    count += 1;
  }
  return queue.splice(0, count);
}

async function commitGroup<Draft>(
  group: readonly Change<Draft>[],
  options: GroupCommitOptions<Draft>,
  distrust: () => void,
): Promise<void> {
  const draft = options.begin();
  const prepared: Change<Draft>[] = [];
  for (const change of group) {
    try {
      // Only asynchronous work is awaited. The rest of a group is prepared in one turn.
      const pending = change.prepare(draft);
      if (pending) await pending;
      prepared.push(change);
    } catch (error) {
      change.reject(error);
    }
  }
  try {
    await options.write(draft);
  } catch (cause) {
    // Before any change is rejected, because nobody may read a state that may not be on disk.
    distrust();
    const error = options.failed(cause);
    for (const change of prepared) change.reject(error);
    return;
  }
  for (const change of prepared) change.resolve();
}
