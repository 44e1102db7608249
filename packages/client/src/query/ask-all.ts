import { isTributaryError } from '@tributary/schemas';
import type { Prepared, QueryResult, Verified } from './types.ts';

/**
 * Asks every index; returns the answers and the failures.
 *
 * @throws the first failure when all failed
 */
export async function askAll(
  prepared: Prepared[],
  ask: (one: Prepared) => Promise<Verified>,
): Promise<{ verified: Verified[]; failed: QueryResult['failed'] }> {
  const outcomes = await Promise.allSettled(prepared.map(ask));
  const verified = outcomes.filter((one) => one.status === 'fulfilled').map((one) => one.value);
  const failed = outcomes.flatMap((outcome, at) => {
    if (outcome.status === 'fulfilled') return [];
    // An error without a code is a bug, and bugs must not be hidden.
    if (verified.length === 0 || !isTributaryError(outcome.reason)) throw outcome.reason;
    const { code, message } = outcome.reason;
    return [{ index: prepared[at]!.known.offer.index, code, message }];
  });
  return { verified, failed };
}
