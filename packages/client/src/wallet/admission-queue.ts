import type { Clock } from '../clock.ts';
import { ClientError } from '../errors.ts';

/** Makes callers wait, first come, first served, until a condition holds for them. */
export interface AdmissionQueue {
  /**
   * Resolves once `room(passing)` is true for this caller. `passing` counts callers that passed but have not taken
   * their place yet where `room` can see it. The caller takes its place and then calls the returned function once.
   *
   * @throws ClientError ABORTED when the signal fires first, ASK_TIMEOUT after `waitMs`
   */
  pass(room: Room, wait: { waitMs: number; signal?: AbortSignal | undefined }): Promise<() => void>;
  /** Checks the queue again, because there may be room now. */
  look(): void;
}

type Room = (passing: number) => boolean;

interface Waiter {
  room: Room;
  go(): void;
}

export function createAdmissionQueue(clock: Clock): AdmissionQueue {
  const waiting = new Set<Waiter>();
  let passing = 0;
  const look = () => {
    for (const waiter of waiting) {
      if (!waiter.room(passing)) return; // those that came later do not overtake
      waiting.delete(waiter);
      waiter.go();
    }
  };
  const enter = () => {
    passing += 1;
    return () => {
      passing -= 1;
      look();
    };
  };
  const queue: AdmissionQueue['pass'] = (room, { waitMs, signal }) =>
    new Promise((resolve, reject) => {
      const giveUp = (error: ClientError) => {
        stop();
        waiting.delete(waiter);
        reject(error);
        look(); // those behind it may have room where this one had none
      };
      const aborted = () => giveUp(new ClientError('ABORTED', 'gave up waiting for room on the payment channel'));
      const late = () => giveUp(new ClientError('ASK_TIMEOUT', `no room on the payment channel within ${waitMs} ms`));
      const cancel = clock.after(waitMs, late);
      const stop = () => {
        cancel();
        signal?.removeEventListener('abort', aborted);
      };
      const waiter: Waiter = {
        room,
        go: () => {
          stop();
          resolve(enter());
        },
      };
      signal?.addEventListener('abort', aborted, { once: true });
      waiting.add(waiter);
    });
  return {
    pass: (room, wait) => {
      if (wait.signal?.aborted)
        return Promise.reject(new ClientError('ABORTED', 'the query was given up before it was paid for'));
      return waiting.size === 0 && room(passing) ? Promise.resolve(enter()) : queue(room, wait);
    },
    look,
  };
}
