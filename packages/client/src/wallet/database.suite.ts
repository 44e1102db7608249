// A wallet's database in memory. Tests make its writes fail and cut its power.
import type { RowChange, WalletDatabase } from './database.ts';

export interface FaultyDatabase {
  /** Opens the database on the present content, as after a restart of the process. */
  open(): Promise<WalletDatabase>;
  /** Outcome of the next writes. `kept`: the write fails but is on disk all the same. */
  next: ('ok' | 'lost' | 'kept')[];
  writes: number;
  /** Keys of the rows of each write. */
  groups: string[][];
  rows(): Map<string, string>;
  /** Removes what was not synced, and ends the processes that have it open. */
  powerCut(): void;
}

export function faultyDatabase(): FaultyDatabase {
  let rows = new Map<string, string>();
  let synced = new Map<string, string>();
  let cuts = 0;
  const apply = (changes: RowChange[]) => {
    for (const change of changes)
      if (change.type === 'put') rows.set(change.key, change.value);
      else rows.delete(change.key);
  };
  /** @param openedAfter power cuts before it was opened */
  const handle = (openedAfter: number): WalletDatabase => ({
    load: async () => [...rows],
    write: async (changes, { sync }) => {
      if (openedAfter !== cuts) throw new Error('this process has ended');
      disk.writes += 1;
      disk.groups.push(changes.map(({ key }) => key));
      const how = disk.next.shift() ?? 'ok';
      if (how !== 'lost') apply(changes);
      if (how !== 'ok') throw new Error('the disk failed');
      if (sync) synced = new Map(rows);
    },
    close: async () => undefined,
  });
  const disk: FaultyDatabase = {
    next: [],
    writes: 0,
    groups: [],
    rows: () => rows,
    powerCut() {
      rows = new Map(synced);
      cuts += 1;
    },
    open: async () => handle(cuts),
  };
  return disk;
}
