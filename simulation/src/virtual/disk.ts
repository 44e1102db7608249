import type { Head, HeadFile } from '@tributary/runtime';
import type { RowChange, WalletDatabase } from '@tributary/client/testing';
import type { LedgerDatabase, LedgerDisk } from '@tributary/relay/testing';
import type { DiskOperation } from '@tributary/store';
import type { Life } from './life.ts';
import type { Random } from '../random.ts';

/** Asked by the disk before each write. */
export interface DiskFaults {
  /** The verdict on this write of the node, counted over its whole life. */
  atWrite(): WriteVerdict;
  /** The machine dies at this write. */
  crash(verdict: WriteVerdict): void;
}

export interface WriteVerdict {
  readonly what: 'ok' | 'error' | 'full' | 'crash';
  readonly persisted: boolean;
  readonly power: boolean;
  readonly downMs: number;
}

/** The disk of one machine. It outlives the processes on it. */
export interface SimDisk {
  ledger(life: Life): LedgerDisk;
  wallet(life: Life): WalletDatabase;
  /** Loses what was not synced, or the end of it. */
  powerCut(): void;
  /** Rows of the wallet as they are on the disk. */
  walletRows(): [string, string][];
}

export interface SimDiskOptions {
  readonly random: Random;
  readonly faults: DiskFaults;
  /** False: a planted bug makes syncs of the ledger's database do nothing. */
  readonly syncsLedger: boolean;
  sleep(ms: number): Promise<void>;
}

/** The rows of one database, and how to undo what was not synced. */
interface Volume<Value> {
  readonly rows: Map<string, Value>;
  unsynced: [key: string, before: Value | undefined][][];
}
type Change<Value> = readonly [key: string, value: Value | null];

const newVolume = <Value>(): Volume<Value> => ({ rows: new Map(), unsynced: [] });

function apply<Value>(volume: Volume<Value>, changes: readonly Change<Value>[], sync: boolean): void {
  const before = changes.map(([key]): [string, Value | undefined] => [key, volume.rows.get(key)]);
  for (const [key, value] of changes) {
    if (value === null) volume.rows.delete(key);
    else volume.rows.set(key, value);
  }
  // Syncing a log also syncs what was written to it before.
  if (sync) volume.unsynced = [];
  else volume.unsynced.push(before);
}

function loseTail<Value>({ rows, unsynced }: Volume<Value>, random: Random): void {
  const keep = random.int(unsynced.length + 1);
  while (unsynced.length > keep) {
    for (const [key, value] of unsynced.pop()!.toReversed()) {
      if (value === undefined) rows.delete(key);
      else rows.set(key, value);
    }
  }
  unsynced.length = 0;
}

export function createDisk({ random, faults, syncsLedger, sleep }: SimDiskOptions): SimDisk {
  const ledger = newVolume<Buffer>();
  const head = newVolume<Head>();
  const checkpoint = newVolume<Uint8Array>();
  const wallet = newVolume<string>();
  const pause = (): Promise<void> => sleep(random.chance(0.05) ? random.between(10, 400) : random.next() * 2);

  /** One write. It may fail before or after it took effect, and the machine may die before it is acknowledged. */
  const write = async <Value>(
    life: Life,
    volume: Volume<Value>,
    changes: readonly Change<Value>[],
    sync: boolean,
  ): Promise<void> => {
    await life.alive(pause());
    const verdict = faults.atWrite();
    if (verdict.persisted) apply(volume, changes, sync);
    if (verdict.what === 'crash') {
      faults.crash(verdict);
      return life.never();
    }
    if (verdict.what === 'full') throw new Error('ENOSPC: no space left on device, write');
    if (verdict.what === 'error') throw new Error('EIO: i/o error, write');
    await life.alive(pause());
  };
  return {
    ledger: (life) => ({
      openDatabase: async () => {
        await life.alive(pause());
        return ledgerDatabase(ledger, (changes) => write(life, ledger, changes, syncsLedger));
      },
      openHead: async () => {
        await life.alive(pause());
        return headFile(head, (changes, sync) => write(life, head, changes, sync));
      },
      checkpoint: {
        read: () => life.alive(pause().then(() => checkpoint.rows.get('file') ?? null)),
        // A file that was being replaced may be cut short, so nothing may depend on it.
        write: (bytes) =>
          write(life, checkpoint, [['file', random.chance(0.2) ? bytes.slice(0, bytes.length / 2) : bytes]], true),
      },
    }),
    wallet: (life) => ({
      load: async () => {
        await life.alive(pause());
        return [...wallet.rows].toSorted(([a], [b]) => (a < b ? -1 : 1));
      },
      write: (changes, options) => write(life, wallet, changes.map(walletChange), options.sync),
      close: () => life.alive(pause()),
    }),
    powerCut() {
      for (const volume of [ledger, head, checkpoint, wallet]) loseTail(volume as Volume<unknown>, random);
    },
    walletRows: () => [...wallet.rows],
  };
}

const walletChange = (change: RowChange): Change<string> => [change.key, change.type === 'put' ? change.value : null];

function ledgerDatabase({ rows }: Volume<Buffer>, write: (changes: readonly Change<Buffer>[]) => Promise<void>): LedgerDatabase {
  return {
    readOnly: false,
    get: (key) => rows.get(key.toString('latin1')),
    async *scan({ gte, lt }, limit = Infinity) {
      const [from, to] = [gte.toString('latin1'), lt.toString('latin1')];
      const keys = [...rows.keys()].filter((key) => key >= from && key < to).toSorted();
      for (const key of keys.slice(0, limit)) {
        const value = rows.get(key);
        if (value !== undefined) yield [Buffer.from(key, 'latin1'), value];
      }
    },
    batch: (operations: DiskOperation[]) =>
      write(operations.map(({ key, value }) => [key.toString('latin1'), value === null ? null : Buffer.from(value)])),
    close: () => Promise.resolve(),
  };
}

/** The real head file has two slots that are written alternately, so that a torn write leaves the previous one. */
function headFile({ rows }: Volume<Head>, write: (changes: readonly Change<Head>[], sync: boolean) => Promise<void>): HeadFile {
  return {
    read: () => Promise.resolve(rows.get('head') ?? null),
    write: (head) => write([['head', { ...head }]], true),
    put: (head) => write([['head', { ...head }]], false),
    sync: () => write([], true),
    close: () => Promise.resolve(),
  };
}
