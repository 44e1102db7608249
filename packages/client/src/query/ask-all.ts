import { isTributaryError } from '@tributary/schemas';
import type { Prepared, QueryResult, Verified } from './types.ts';

/** What each index answered, and which failed. @throws the first failure when all did */
export async function askAll(
  prepared: Prepared[],
  ask: (one: Prepared) => Promise<Verified>,
): Promise<{ verified: Verified[]; failed: QueryResult['failed'] }> {
  const outcomes = await Promise.allSettled(prepared.map(ask));
  const verified = outcomes.filter((one) => one.status === 'fulfilled').map((one) => one.value);
  const failed = outcomes.flatMap((outcome, at) => {
    if (outcome.status === 'fulfilled') return [];
    // What has no code is a fault of this program: nothing hides it.
    if (verified.length === 0 || !isTributaryError(outcome.reason)) throw outcome.reason;
    const { code, message } = outcome.reason;
    return [{ index: prepared[at]!.known.offer.index, code, message }];
  });
  return { verified, failed };
}
