import { ERROR_CODES, isTributaryError, type ErrorCode, type RefusalHead } from '@tributary/schemas';
import { retryPauseMs } from './limits.ts';
import type { AskOutcome, Settled } from './types.ts';

/** What leaves for an answer. */
export function replyAnswer({ receipt, body }: Settled): AskOutcome {
  return { receipt, body };
}

/**
 * What leaves when there is none: the code, and its message unless that speaks of this node's files. An exception without a code is
 * INTERNAL.
 */
export function replyRefusal(error: unknown): { outcome: AskOutcome; code: ErrorCode } {
  const code = isTributaryError(error) ? error.code : 'INTERNAL';
  const pause = isTributaryError(error) ? error.retryAfterMs : null;
  const message = OWN_FAULTS[code] ?? (error instanceof Error ? error.message : '');
  const refusal: RefusalHead = { code, message, retryAfterMs: pause ?? pauseOf(code) };
  return { outcome: { refusal }, code };
}

/** Faults of this node, whose details are for its log only. */
const OWN_FAULTS: Partial<Record<ErrorCode, string>> = {
  INTERNAL: 'the node failed; its log has the details',
  LEDGER_WRITE: 'the ledger could not be written; ask again with the same ticket, so that nothing is charged twice',
  LEDGER_DAMAGED: 'the ledger of this provider is damaged; its owner has to restore it',
  STORE_DAMAGED: 'the index is damaged; its owner has to restore it',
  DISK_WRITE: 'the disk of this provider failed; nothing was charged',
  WORKER_CRASHED: 'the index is being started again; nothing was charged',
};

/** True for a fault of this node, not of the ask. */
export const isFault = (code: ErrorCode): boolean => OWN_FAULTS[code] !== undefined;

/** A pause where asking the same again may help without the asker changing anything. */
function pauseOf(code: ErrorCode): number | null {
  return ERROR_CODES[code].http >= 500 && ERROR_CODES[code].retry ? retryPauseMs : null;
}
