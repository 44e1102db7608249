import { ERROR_CODES, isTributaryError, type ErrorCode } from '@tributary/schemas';
import { ZERO_HASH } from '@tributary/proof/primitives';
import { OWN_FAULTS } from '../own-faults.ts';
import { retryPauseMs } from './limits.ts';
import { rankOf, type Asked, type AskOutcome, type OwnRefusal, type ServeState, type Settled } from './types.ts';

/** The reply to an answered question. */
export function reply(
  { sale, context }: Pick<Asked, 'sale' | 'context'>,
  { receipt, body, records, shown, texts = 0, again }: Settled,
  { dependencies }: ServeState,
): AskOutcome {
  dependencies.observe?.({
    kind: 'answer',
    index: sale,
    status: receipt.status,
    charge: again ? 0n : BigInt(receipt.charge),
    again,
    to: rankOf(context, receipt.channel !== ZERO_HASH),
    shown,
    texts,
  });
  context.answered?.(sale);
  return { receipt, body, records };
}

/**
 * The reply to a refused question: the code, and the message unless it speaks of this node's files. An exception
 * without a code becomes INTERNAL.
 */
export function refuse(error: unknown, { dependencies: { observe, fault } }: ServeState): { readonly refusal: OwnRefusal } {
  const known = isTributaryError(error) ? error : null;
  const code = known?.code ?? 'INTERNAL';
  const ours = OWN_FAULTS[code];
  const message = ours ?? (error instanceof Error ? error.message : '');
  observe?.({ kind: 'refusal', code });
  if (ours !== undefined) fault?.(error);
  return { refusal: { code, message, retryAfterMs: known?.retryAfterMs ?? pauseOf(code) } };
}

/** A pause where repeating the same question may help. */
function pauseOf(code: ErrorCode): number | null {
  return ERROR_CODES[code].http >= 500 && ERROR_CODES[code].retry ? retryPauseMs : null;
}
