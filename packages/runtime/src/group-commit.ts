export interface GroupCommitOptions<Draft> {
  /** An empty draft on top of what is committed. */
  begin(): Draft;
  /** Makes the draft durable, or throws. Whether a failed write is on disk is not known. */
  write(draft: Draft): Promise<void>;
  /** Reads the state from the disk again after a failed write. While it throws, every change fails with its error. */
  recover(): Promise<void>;
  /** Resolves when a group closes: everything submitted until then belongs to it. */
  turn(): Promise<unknown>;
  /** Changes in a group. */
  readonly groupMax: number;
  /** Weight of a group, unless one change alone weighs more. */
  readonly groupWeightMax?: number;
  /** Changes that wait for a group. */
  readonly waitingMax: number;
  /** The error for a change that comes when `waitingMax` wait. */
  overloaded(): Error;
  /** The error for the changes of a group that could not be written; called before any change is rejected. */
  failed(cause: unknown): unknown;
}

/**
 * Orders changes and makes them durable together: what is submitted while one group is being written forms the next.
 */
export interface GroupCommit<Draft> {
  /**
   * Resolves with what `prepare` returned once the draft is durable. `prepare` runs when the group begins, in the order
   * of submission; if it throws, it must have left the draft as it was, and only its own change fails.
   *
   * @throws what `overloaded`, `failed` and `recover` say; after the last two the change may or may not be on disk
   */
  submit<Result>(prepare: (draft: Draft) => Result | Promise<Result>, weight?: number): Promise<Result>;
  /** Resolves when the state agrees with the disk, tries to make it so. @throws what `recover` throws */
  ready(): Promise<void>;
  /** False from a failed write until the state was read again. */
  readonly healthy: boolean;
  /** Makes the next change read the state again first: the state contradicts the disk. */
  distrust(): void;
  /** Resolves when nothing waits. */
  idle(): Promise<void>;
}

interface Change<Draft> {
  readonly weight: number;
  /** Its result, or nothing until that is known. */
  prepare(draft: Draft): Promise<void> | void;
  resolve(): void;
  reject(error: unknown): void;
}

/** Group commit: one write of the disk at a time, shared by all changes that waited for it. */
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
    // After a failure the state is read again at once, so that reading can go on.
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

/** Keeps what was prepared until the disk has it. */
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
      // Only what is asynchronous is waited for: all else of a group is prepared in one turn.
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
    // Before any change is rejected: nobody may read a state that may not be on disk.
    distrust();
    const error = options.failed(cause);
    for (const change of prepared) change.reject(error);
    return;
  }
  for (const change of prepared) change.resolve();
}
