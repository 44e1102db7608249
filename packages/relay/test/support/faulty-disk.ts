// A disk whose writes fail on demand, before or after they took effect.
import type { LedgerDisk } from '../../src/ledger/disk.ts';

export interface Fault {
  readonly write: 'batch' | 'head' | 'head-sync' | 'checkpoint';
  /** Which write of that kind fails, from 1. */
  readonly nth: number;
  /** True: the write took effect all the same. */
  readonly persisted: boolean;
  /** Number of writes in a row that fail. Default: 1. */
  readonly times?: number;
}

export function faultyDisk(disk: LedgerDisk, fault: Fault): LedgerDisk & { readonly failed: number } {
  const seen = { batch: 0, head: 0, 'head-sync': 0, checkpoint: 0 };
  const { checkpoint } = disk;
  let failed = 0;
  const around = async (kind: Fault['write'], write: () => Promise<void>): Promise<void> => {
    seen[kind] += 1;
    const hit = kind === fault.write && seen[kind] >= fault.nth && seen[kind] < fault.nth + (fault.times ?? 1);
    if (!hit || fault.persisted) await write();
    if (!hit) return;
    failed += 1;
    throw new Error('injected fault');
  };
  return {
    get failed() {
      return failed;
    },
    async openDatabase() {
      const database = await disk.openDatabase();
      return {
        readOnly: database.readOnly,
        get: (key) => database.get(key),
        scan: (range, limit) => database.scan(range, limit),
        batch: (operations) => around('batch', () => database.batch(operations)),
        close: () => database.close(),
      };
    },
    ...(checkpoint && {
      checkpoint: {
        read: () => checkpoint.read(),
        write: (bytes: Uint8Array) => around('checkpoint', () => checkpoint.write(bytes)),
      },
    }),
    async openHead() {
      const head = await disk.openHead();
      return {
        read: () => head.read(),
        write: (value) => around('head', () => head.write(value)),
        put: (value) => around('head', () => head.put(value)),
        sync: () => around('head-sync', () => head.sync()),
        close: () => head.close(),
      };
    },
  };
}
