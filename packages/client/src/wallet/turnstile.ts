import { ClientError } from '../errors.ts';

/** Lets callers wait, first come first served, until a condition holds for them. */
export interface Turnstile {
  /** Resolves once `room()` is true for this caller; rejects with ABORTED when the signal fires. */
  pass(room: () => boolean, signal?: AbortSignal): Promise<void>;
  /** Tells the turnstile that room may have appeared. */
  turn(): void;
}

interface Waiter {
  room: () => boolean;
  go: () => void;
}

export function createTurnstile(): Turnstile {
  const waiting = new Set<Waiter>();
  const turn = () => {
    for (const waiter of waiting) {
      if (!waiter.room()) return;
      waiting.delete(waiter);
      waiter.go();
      return;
    }
  };
  const pass = (room: () => boolean, signal?: AbortSignal) => {
    if (waiting.size === 0 && room()) return Promise.resolve();
    return new Promise<void>((resolve, reject) => {
      const aborted = () => {
        waiting.delete(waiter);
        reject(new ClientError('ABORTED', 'gave up waiting for room on the payment channel'));
      };
      const waiter: Waiter = {
        room,
        go: () => {
          signal?.removeEventListener('abort', aborted);
          resolve();
        },
      };
      if (signal?.aborted) return aborted();
      signal?.addEventListener('abort', aborted, { once: true });
      waiting.add(waiter);
    });
  };
  return { pass, turn };
}
