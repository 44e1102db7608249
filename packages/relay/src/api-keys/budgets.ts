import type { Database } from '@tributary/store';
import { isTributaryError } from '@tributary/schemas';
import { RelayError } from '../errors.ts';
import { givenBack, left, nothingSpent, onDay, readSpent, writeSpent, type Budget, type Spent } from './spent.ts';

/** An amount set aside for one question. */
export interface Reservation {
  /**
   * Ends the reservation, once: what was not charged can be spent again. The row is written soon after; if the node
   * crashes before that, the whole amount counts as spent.
   */
  settle(charge: bigint): void;
}

/** What each key has spent, in a database of its own. */
export interface Budgets {
  spent(id: string): Spent;
  /**
   * Sets an amount aside. Once the promise resolves it is on disk, and it counts as spent until it is settled.
   *
   * @throws RelayError API_KEY_BUDGET; StoreError DISK_WRITE
   */
  reserve(id: string, budget: Budget, most: bigint): Promise<Reservation>;
  /**
   * Adds a row for a new key; it is on disk once the promise resolves.
   *
   * @throws StoreError DISK_WRITE
   */
  add(id: string): Promise<void>;
  /** Ids that have a row. */
  ids(): string[];
  /** Removes the rows of keys that are no longer kept. */
  forget(ids: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

export type SpentDatabase = Pick<Database, 'readOnly' | 'scan' | 'batch' | 'close'>;

/** @throws RelayError API_KEYS_DAMAGED; StoreError from the database */
export async function openBudgets(database: SpentDatabase, now: () => number): Promise<Budgets> {
  const rows = await loadRows(database);
  const writer = createWriter(async (ids) => {
    const operations = ids.map((id) => ({ key: Buffer.from(id), value: rows.has(id) ? writeSpent(rows.get(id)!) : null }));
    await database.batch(operations);
  });
  const current = (id: string): Spent => onDay(rows.get(id) ?? nothingSpent(now()), now());
  const giveBack = (id: string, unspent: bigint, day: number): void => {
    if (unspent === 0n || !rows.has(id)) return;
    rows.set(id, givenBack(current(id), unspent, day));
    // Nobody waits for this write. If it fails, the row is written with the next change.
    writer.write(id).catch(() => undefined);
  };
  return {
    spent: current,
    async reserve(id, budget, most) {
      const before = current(id);
      refuseAbove(before, budget, most);
      const { day } = before;
      rows.set(id, { ...before, total: before.total + most, today: before.today + most });
      try {
        await writer.write(id);
      } catch (error) {
        giveBack(id, most, day); // the question was never asked
        throw error;
      }
      let open = true;
      return {
        settle(charge) {
          if (!open) return;
          open = false;
          giveBack(id, charge < most ? most - charge : 0n, day);
        },
      };
    },
    async add(id) {
      rows.set(id, nothingSpent(now()));
      await writer.write(id);
    },
    ids: () => [...rows.keys()],
    async forget(ids) {
      for (const id of ids) rows.delete(id);
      await Promise.all(ids.map((id) => writer.write(id)));
    },
    async close() {
      await writer.idle();
      await database.close();
    },
  };
}

function refuseAbove(spent: Spent, budget: Budget, most: bigint): void {
  const { most: room, of } = left(spent, budget);
  if (room === null || most <= room) return;
  const when = of === 'day' ? 'today; a new day begins at midnight UTC' : 'in total';
  throw new RelayError('API_KEY_BUDGET', `the question may cost ${most}; the API key may spend ${room} more ${when}`);
}

async function loadRows(database: SpentDatabase): Promise<Map<string, Spent>> {
  const rows = new Map<string, Spent>();
  try {
    for await (const [key, value] of database.scan({ gte: Buffer.alloc(0), lt: Buffer.from('~') }))
      rows.set(key.toString('latin1'), readSpent(value));
  } catch (cause) {
    if (!isTributaryError(cause) || !cause.code.startsWith('INPUT_')) throw cause;
    const message = `what API keys spent cannot be read: ${cause.message}; restore the folder api-keys from a backup`;
    throw new RelayError('API_KEYS_DAMAGED', message, { cause });
  }
  return rows;
}

/** One write at a time. All changes that wait for it share the next one. */
interface Writer {
  /** Resolves once the current row, or a later one, is on disk. */
  write(id: string): Promise<void>;
  /** Resolves when nothing is left to write, or when a write failed. */
  idle(): Promise<void>;
}

function createWriter(save: (ids: string[]) => Promise<void>): Writer {
  const changed = new Set<string>();
  let running: Promise<void> = Promise.resolve();
  let next: Promise<void> | null = null;
  const run = async (): Promise<void> => {
    next = null;
    const ids = [...changed];
    changed.clear();
    try {
      if (ids.length > 0) await save(ids);
    } catch (error) {
      for (const id of ids) changed.add(id); // written with the next change
      throw error;
    }
  };
  const write = (id: string | null): Promise<void> => {
    if (id !== null) changed.add(id);
    next ??= running = running.then(run, run);
    return next;
  };
  return {
    write,
    idle: () => write(null).catch(() => undefined),
  };
}
