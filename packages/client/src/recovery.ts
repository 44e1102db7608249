import type { Clock } from './clock.ts';
import { recoverEveryMs, recoverPauseMs, recoverPauseMsMax } from './kept/limits.ts';
import type { KeptAnswers } from './kept/types.ts';
import type { Wallet } from './wallet/wallet.ts';

/** An account, or the client itself. */
interface Payer {
  wallet: Pick<Wallet, 'waiting'>;
  kept: KeptAnswers;
}

/** Gets answers that were paid and that nobody got, while providers still keep them. */
export interface Recovery {
  /** Resolves when no attempt is running. */
  stop(): Promise<void>;
}

/**
 * Looks at intervals whether an answer waits at its provider, and asks for it. Attempts that change nothing come at
 * growing pauses, because a provider gives an answer again a bounded number of times.
 */
export function startRecovery<One extends Payer>(
  payers: () => Promise<One[]>,
  recover: (payer: One) => Promise<unknown>,
  clock: Clock,
): Recovery {
  let pauseMs = recoverPauseMs;
  let stopped = false;
  let running = Promise.resolve();
  let cancel = (): void => undefined;
  const round = async (): Promise<void> => {
    const waiting = (await payers()).filter(({ wallet }) => wallet.waiting().length > 0);
    await Promise.allSettled(waiting.map(recover));
    const rest = waiting.some(({ wallet }) => wallet.waiting().length > 0);
    const next = rest ? pauseMs : recoverEveryMs;
    pauseMs = rest ? Math.min(2 * pauseMs, recoverPauseMsMax) : recoverPauseMs;
    start(next);
  };
  const start = (ms: number): void => {
    if (stopped) return;
    cancel = clock.after(ms, () => {
      running = round().catch(() => start(recoverEveryMs)); // a wallet cannot be opened
    });
  };
  start(recoverPauseMs);
  return {
    stop() {
      stopped = true;
      cancel();
      return running;
    },
  };
}
