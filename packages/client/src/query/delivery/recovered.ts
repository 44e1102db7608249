import { recoverWaitMs } from '../../kept/limits.ts';
import { resultAgain } from './again.ts';
import { topKDefault } from '../limits.ts';
import { recoverAll } from './recover.ts';
import type { QueryContext, RecoveredAnswer, RecoverOptions } from '../types.ts';

/** Answers that were paid and that nobody got, those included that providers still keep and give in time. */
export async function recovered(
  context: QueryContext,
  { ask = true }: Pick<RecoverOptions, 'ask'> = {},
): Promise<RecoveredAnswer[]> {
  const { kept } = context;
  if (kept === null) return [];
  if (ask) await inTime(recoverAll(context), context);
  return kept.recovered().map((facts) => ({
    ...facts,
    proof: () => kept.proof(facts.receipt),
    async results() {
      const proof = await kept.proof(facts.receipt);
      return proof?.type === 'tributary/bundle' ? resultAgain([proof], topKDefault, context).results : null;
    },
    received: () => kept.received(facts.receipt),
  }));
}

async function inTime(work: Promise<void>, { clock }: Pick<QueryContext, 'clock'>): Promise<void> {
  let stop = (): void => undefined;
  const late = new Promise<void>((resolve) => (stop = clock.after(recoverWaitMs, resolve)));
  await Promise.race([work, late]).finally(stop);
}
