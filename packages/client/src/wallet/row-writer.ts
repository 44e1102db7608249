import { createGroupCommit } from '@tributary/runtime';
import type { Clock } from '../clock.ts';
import { rowsLaterMs } from './limits.ts';

/** Writes changes of rows to disk, in order. What arrives while one group is being written forms the next. */
export interface RowWriter<Change> {
  /** Resolves when the changes, and all before them, are on disk. After a failure it is not known whether they are. */
  write(changes: readonly Change[], options?: { sync: boolean }): Promise<void>;
  /** Writes the changes to disk soon. Those that fail are written again with the next group, before it. */
  writeSoon(changes: readonly Change[]): void;
  /** Writes the changes with the next group, or alone after a pause; that write is synced, as nobody waits for it. */
  writeLater(changes: readonly Change[]): void;
  /**
   * Resolves when no failed change is left. Tries once more first.
   *
   * @throws the error of the disk
   */
  caughtUp(): Promise<void>;
  /** Resolves when nothing is left to write, or when one more attempt failed. */
  flushed(): Promise<void>;
}

interface Group<Change> {
  changes: Change[];
  /** Changes that nobody waits for, in order of arrival. */
  unwaited: Change[];
  sync: boolean;
}

/** @param put writes all of the changes or none */
export function createRowWriter<Change>(
  put: (changes: Change[], sync: boolean) => Promise<void>,
  clock: Clock,
): RowWriter<Change> {
  let behind: Change[] = [];
  let later: Change[] = [];
  let cancelLater: (() => void) | null = null;
  /** What every group begins with. */
  const due = (): Change[] => {
    const changes = [...behind, ...later];
    later = [];
    cancelLater?.();
    cancelLater = null;
    return changes;
  };
  const commits = createGroupCommit<Group<Change>>({
    begin: () => {
      const changes = due();
      return { changes, unwaited: [...changes], sync: false };
    },
    write: async ({ changes, unwaited, sync }) => {
      try {
        await put(changes, sync);
        behind = [];
      } catch (error) {
        behind = unwaited;
        throw error;
      }
    },
    // Each changed row is written whole, so the wallet's memory is right, whatever the disk kept of a failed write.
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
      added.catch(() => undefined); // they are overdue now
    },
    writeLater(changes) {
      later.push(...changes);
      cancelLater ??= clock.after(rowsLaterMs, () => void write([], { sync: true }).catch(() => undefined));
    },
    caughtUp: () => (behind.length > 0 ? write([]) : Promise.resolve()),
    async flushed() {
      await commits.idle();
      if (behind.length + later.length > 0) await write([], { sync: true }).catch(() => undefined);
    },
  };
}
