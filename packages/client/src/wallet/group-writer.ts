import type { Clock } from '../clock.ts';

/** Puts operations on disk, in order: what comes while one group is being written forms the next. */
export interface GroupWriter<Operation> {
  /** Resolves when the operations, and all before them, are on disk. After a failure it is not known whether they are. */
  write(operations: readonly Operation[], options?: { sync: boolean }): Promise<void>;
  /** Puts the operations on disk soon. What could not be written goes again with the next group. */
  writeSoon(operations: readonly Operation[]): void;
  /** Resolves when nothing waits that could not be written earlier; tries it once more first. Call it before what adds to that. @throws what the disk says */
  caughtUp(): Promise<void>;
  /** Resolves when nothing is left to write, or what is left could not be written once more. */
  settled(): Promise<void>;
}

interface Group<Operation> {
  operations: Operation[];
  /** Those of `writeSoon`, in the order of their coming. */
  unwaited: Operation[];
  sync: boolean;
  waiting: PromiseWithResolvers<void>[];
}

/** @param put writes all of the operations or none */
export function createGroupWriter<Operation>(
  put: (operations: Operation[], sync: boolean) => Promise<void>,
  clock: Clock,
): GroupWriter<Operation> {
  let next: Group<Operation> = emptyGroup();
  let running: Promise<void> | null = null;
  let behind = false;

  const commit = async (group: Group<Operation>): Promise<boolean> => {
    try {
      await put(group.operations, group.sync);
      behind = false;
      for (const { resolve } of group.waiting) resolve();
      return true;
    } catch (error) {
      next.operations.unshift(...group.unwaited);
      next.unwaited.unshift(...group.unwaited);
      behind ||= group.unwaited.length > 0;
      for (const { reject } of group.waiting) reject(error);
      return false;
    }
  };
  const run = async (): Promise<void> => {
    for (let going = true; going && next.operations.length + next.waiting.length > 0;) {
      // What is given in the same turn belongs to the same group.
      await new Promise<void>((resolve) => clock.after(0, resolve));
      const group = next;
      next = emptyGroup();
      // What nobody waits for is not tried again and again on a disk that is full.
      going = (await commit(group)) || next.waiting.length > 0;
    }
    running = null;
  };
  const write: GroupWriter<Operation>['write'] = (operations, { sync } = { sync: false }) => {
    const waiter = Promise.withResolvers<void>();
    next.operations.push(...operations);
    next.sync ||= sync;
    next.waiting.push(waiter);
    running ??= run();
    return waiter.promise;
  };
  return {
    write,
    caughtUp: () => (behind ? write([]) : Promise.resolve()),
    writeSoon(operations) {
      if (operations.length === 0) return;
      next.operations.push(...operations);
      next.unwaited.push(...operations);
      running ??= run();
    },
    async settled() {
      if (next.operations.length > 0) running ??= run();
      await running;
    },
  };
}

function emptyGroup<Operation>(): Group<Operation> {
  return { operations: [], unwaited: [], sync: false, waiting: [] };
}
