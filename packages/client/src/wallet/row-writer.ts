import { createGroupCommit } from '@tributary/runtime';
import type { Clock } from '../clock.ts';

/** Puts changes of rows on disk, in order: what comes while one group is being written forms the next. */
export interface RowWriter<Change> {
  /** Resolves when the changes, and all before them, are on disk. After a failure it is not known whether they are. */
  write(changes: readonly Change[], options?: { sync: boolean }): Promise<void>;
  /** Puts the changes on disk soon. Those that could not be written go again with the next group, before it. */
  writeSoon(changes: readonly Change[]): void;
  /**
   * Resolves when no change waits that could not be written earlier; tries once more first.
   *
   * @throws what the disk says
   */
  caughtUp(): Promise<void>;
  /** Resolves when nothing is left to write, or what is left could not be written once more. */
  flushed(): Promise<void>;
}

interface Group<Change> {
  changes: Change[];
  /** Those that nobody waits for, in the order of their coming. */
  unwaited: Change[];
  sync: boolean;
}

/** @param put writes all of the changes or none */
export function createRowWriter<Change>(
  put: (changes: Change[], sync: boolean) => Promise<void>,
  clock: Clock,
): RowWriter<Change> {
  let behind: Change[] = [];
  const commits = createGroupCommit<Group<Change>>({
    begin: () => ({ changes: [...behind], unwaited: [...behind], sync: false }),
    write: async ({ changes, unwaited, sync }) => {
      try {
        await put(changes, sync);
        behind = [];
      } catch (error) {
        behind = unwaited;
        throw error;
      }
    },
    // The wallet's memory is the truth, whatever the disk kept of a failed write: each row that changes is written
    // whole.
    recover: () => Promise.resolve(),
    turn: () => new Promise<void>((resolve) => clock.after(0, resolve)),
    groupMax: Infinity,
    waitingMax: Infinity,
    overloaded: () => new Error('the queue of rows has no bound'),
    failed: (cause) => cause,
  });
  const write: RowWriter<Change>['write'] = (changes, { sync } = { sync: false }) =>
    commits.submit((group) => {
      group.changes.push(...changes);
      group.sync ||= sync;
    });
  return {
    write,
    writeSoon(changes) {
      if (changes.length === 0) return;
      const added = commits.submit((group) => {
        group.changes.push(...changes);
        group.unwaited.push(...changes);
      });
      added.catch(() => undefined); // they are behind now
    },
    caughtUp: () => (behind.length > 0 ? write([]) : Promise.resolve()),
    async flushed() {
      await commits.idle();
      if (behind.length > 0) await write([]).catch(() => undefined);
    },
  };
}
