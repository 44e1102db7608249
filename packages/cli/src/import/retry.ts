import { setTimeout as sleep } from 'node:timers/promises';
import { ERROR_CODES, isTributaryError, TributaryError } from '@tributary/schemas';
import { importAttemptsMax, importRetryMs, importRetryMsMax } from './limits.ts';

export interface Patience {
  /** Default: {@link importAttemptsMax}. */
  attempts?: number;
  signal: AbortSignal;
  /** Called before a pause. */
  onPause: (error: TributaryError, ms: number) => void;
  random?: () => number;
  pause?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/**
 * Repeats a call while its error says that it may succeed later, with growing pauses. A pause that the other side asks
 * for is kept, up to {@link importRetryMsMax}.
 *
 * @throws the error of the last attempt
 */
export async function patiently<T>(call: () => Promise<T>, patience: Patience): Promise<T> {
  const {
    signal,
    onPause,
    attempts = importAttemptsMax,
    random = Math.random,
    pause = (ms) => sleep(ms, undefined, { signal }),
  } = patience;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (signal.aborted || attempt >= attempts || !mayRepeat(error)) throw error;
      const growing = importRetryMs * 2 ** (attempt - 1) * (0.75 + random() / 2);
      const ms = Math.min(Math.max(growing, error.retryAfterMs ?? 0), importRetryMsMax);
      onPause(error, ms);
      await pause(ms, signal);
    }
  }
}

function mayRepeat(error: unknown): error is TributaryError {
  return isTributaryError(error) && ERROR_CODES[error.code].retry;
}
