import { isTributaryError } from '@tributary/schemas';
import { ClientError } from '../../errors.ts';
import type { KeptAnswers, PaidProof } from '../../kept/types.ts';
import type { QuestionKey } from '../../wallet/wallet.ts';
import { askLater, handOver, toKeep } from './hand-over.ts';
import { recoverKey } from './recover.ts';
import type { AskOptions, Bought, QueryContext } from '../types.ts';

/** How a question is asked, and how its result is made again from the proofs that were kept. */
export interface Line<Result> {
  ask(): Promise<{ result: Result; bought: readonly Bought[] }>;
  again(proofs: PaidProof[]): Result;
}

/**
 * The result of a question. With a key it is asked once: a repeat gets the answer that is kept, waits for the one at
 * work, or gets the answer of a try that was cut short (docs/spec/delivery.md).
 *
 * @throws ClientError KEY_CONFLICT, ANSWER_PENDING, WALLET_WRITE, WALLET_DAMAGED; the errors of `ask`
 */
export async function once<Result>(
  key: QuestionKey | null,
  context: QueryContext,
  options: Pick<AskOptions, 'signal' | 'onDelivery'>,
  line: Line<Result>,
): Promise<Result> {
  if (key === null) {
    const { result, bought } = await line.ask();
    handOver(bought, context, options);
    return result;
  }
  const { kept } = context;
  if (kept === null) throw new ClientError('KEY_CONFLICT', 'this client keeps no answers, so a question can have no key');
  for (;;) {
    const proofs = await keptUnder(key, kept);
    if (proofs.length > 0) return line.again(proofs);
    const first = kept.atWork.get(key.name);
    if (first === undefined) return askFor(key, kept, context, line);
    mustBeSame(first.question, key);
    await endOf(first.ended, options.signal);
  }
}

/** The first to ask. Its answers are on disk before anybody gets them. */
async function askFor<Result>(
  key: QuestionKey,
  kept: KeptAnswers,
  context: QueryContext,
  { ask, again }: Line<Result>,
): Promise<Result> {
  const work = async (): Promise<Result> => {
    await recoverKey(key, context);
    const proofs = await keptUnder(key, kept);
    if (proofs.length > 0) return again(proofs);
    const { result, bought } = await ask();
    await kept.keep(bought.map((one) => toKeep(one, { key, recovered: false }))).catch((error: unknown) => {
      askLater(bought, context.wallet);
      throw error;
    });
    handOver(bought, context, {});
    return result;
  };
  const result = work().finally(() => kept.atWork.delete(key.name));
  result.catch(() => undefined); // its caller hears it
  kept.atWork.set(key.name, { question: key.question, ended: result });
  return result;
}

async function keptUnder(key: QuestionKey, kept: KeptAnswers): Promise<PaidProof[]> {
  const before = kept.under(key.name);
  for (const one of before) mustBeSame(one.key!.question, key);
  const proofs = await Promise.all(before.map(({ receipt }) => kept.proof(receipt)));
  return proofs.filter((proof) => proof !== null);
}

function mustBeSame(question: string, { name, question: asked }: QuestionKey): void {
  if (question !== asked) throw new ClientError('KEY_CONFLICT', `the key ${name} was used for another question; take a new one`);
}

/**
 * Waits for the try at work. What it was refused with is the answer to its repeats, too. If its caller gave up, they
 * try themselves.
 *
 * @throws ClientError ABORTED when the signal fires first
 */
async function endOf(ended: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  let stop = (): void => undefined;
  const givenUp = new Promise<never>((_, reject) => {
    const abort = (): void => reject(new ClientError('ABORTED', 'the repeat of a question was given up'));
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    stop = () => signal?.removeEventListener('abort', abort);
  });
  try {
    await Promise.race([ended, givenUp]);
  } catch (error) {
    if (signal?.aborted || !(isTributaryError(error) && error.code === 'ABORTED')) throw error;
  } finally {
    stop();
  }
}
