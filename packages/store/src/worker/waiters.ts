import { StoreError } from '../errors.ts';
import { snapshotWaitMs, snapshotWaitersMax } from '../limits.ts';

/** Requests that wait until a write is published. */
export interface Waiters {
  reached(sequence: number): void;
  /** @throws StoreError SNAPSHOT_BEHIND after `snapshotWaitMs`, STORE_BUSY when too many wait */
  wait(sequence: number, present: number): Promise<void>;
}

export function createWaiters(): Waiters {
  const waiting = new Set<{ sequence: number; wake(): void }>();
  return {
    reached(sequence: number): void {
      for (const waiter of waiting) if (waiter.sequence <= sequence) waiter.wake();
    },
    async wait(sequence: number, present: number): Promise<void> {
      if (sequence <= present) return;
      if (waiting.size >= snapshotWaitersMax) {
        throw new StoreError('STORE_BUSY', `${snapshotWaitersMax} requests wait for a snapshot already`);
      }
      await new Promise<void>((resolve, reject) => {
        const end = (): void => {
          clearTimeout(timer);
          waiting.delete(waiter);
        };
        const waiter = {
          sequence,
          wake(): void {
            end();
            resolve();
          },
        };
        const timer = setTimeout(() => {
          end();
          reject(
            new StoreError(
              'SNAPSHOT_BEHIND',
              `write ${sequence} is not published yet (the last is ${present}); ask again shortly`,
            ),
          );
        }, snapshotWaitMs);
        waiting.add(waiter);
      });
    },
  };
}
