import { RelayError } from '../errors.ts';

export interface GroupCommitOptions<Draft> {
  /** An empty draft on top of what is committed. */
  begin(): Draft;
  /** Makes the draft durable. Whether a failed write is on disk is not known. */
  write(draft: Draft): Promise<void>;
  /** Takes the state from the disk again after a failed write. */
  recover(): Promise<void>;
  readonly groupMax: number;
  readonly waitingMax: number;
}

/** Orders changes and makes them durable together: what is submitted while one group is being written forms the next. */
export interface GroupCommit<Draft> {
  /**
   * Resolves with what `prepare` returned once the draft is durable. `prepare` runs when the group begins, in the order of
   * submission; if it throws, it must have left the draft as it was, and only its own submission fails.
   *
   * @throws RelayError OVERLOADED; LEDGER_WRITE or LEDGER_DAMAGED, after which the change may or may not be on disk
   */
  submit<Result>(prepare: (draft: Draft) => Result): Promise<Result>;
  /** Resolves when the state agrees with the disk, tries to make it so. @throws RelayError LEDGER_WRITE, LEDGER_DAMAGED */
  ready(): Promise<void>;
  /** False from a failed write until the state was read again. */
  readonly healthy: boolean;
  /** Has the state read again before anything else is served: it contradicts the disk. */
  distrust(): void;
  /** Resolves when nothing waits. */
  idle(): Promise<void>;
}

interface Job<Draft> {
  prepare(draft: Draft): void;
  resolve(): void;
  reject(error: unknown): void;
}

export function createGroupCommit<Draft>(options: GroupCommitOptions<Draft>): GroupCommit<Draft> {
  const queue: Job<Draft>[] = [];
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
    await Promise.resolve(); // what is submitted in the same turn belongs to the same group
    while (queue.length > 0) {
      try {
        await ready();
      } catch (error) {
        for (const job of queue.splice(0)) job.reject(error);
        return;
      }
      await commitGroup(queue.splice(0, options.groupMax), options, () => {
        healthy = false;
      });
    }
    // After a failure the state is read again at once, so that asking can go on.
    if (!healthy) await heal().catch(() => undefined);
  };
  const start = (): void => {
    running ??= run().finally(() => {
      running = null;
      if (queue.length > 0) start();
    });
  };
  return {
    submit(prepare) {
      if (queue.length >= options.waitingMax) {
        return Promise.reject(
          new RelayError('OVERLOADED', `more than ${options.waitingMax} changes wait for the ledger's disk; try again`),
        );
      }
      return new Promise((resolve, reject) => {
        let result: ReturnType<typeof prepare>;
        queue.push({
          prepare: (draft) => {
            result = prepare(draft);
          },
          resolve: () => resolve(result),
          reject,
        });
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

async function commitGroup<Draft>(
  group: readonly Job<Draft>[],
  options: GroupCommitOptions<Draft>,
  failed: () => void,
): Promise<void> {
  const draft = options.begin();
  const prepared: Job<Draft>[] = [];
  for (const job of group) {
    try {
      job.prepare(draft);
      prepared.push(job);
    } catch (error) {
      job.reject(error);
    }
  }
  try {
    await options.write(draft);
  } catch (cause) {
    // Before anybody hears of it: nobody may read a state of which it is not known whether the disk has it.
    failed();
    const message = 'the ledger could not be written; ask again with the same ticket, free space or check the disk';
    for (const job of prepared) job.reject(new RelayError('LEDGER_WRITE', message, { cause }));
    return;
  }
  for (const job of prepared) job.resolve();
}
