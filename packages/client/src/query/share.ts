import { TributaryError } from '@tributary/schemas';
import type { KnownOffer } from '../discovery/types.ts';
import { topKDefault } from './limits.ts';
import type { Question } from './types.ts';

/** The part of a question that goes to one index. */
export interface Share {
  known: KnownOffer;
  question: Question;
}

/**
 * Splits a question among the chosen indexes: each is asked for its part of `topK`, so that nothing is paid for that
 * cannot be shown. Where results are free, each is asked for all of `topK`, and the best are kept.
 *
 * @throws TributaryError INDEX_AMBIGUOUS when there are fewer results to share than indexes
 */
export function share(question: Question, chosen: KnownOffer[]): Share[] {
  if (chosen.length === 1) return [{ known: chosen[0]!, question }];
  const topK = question.topK ?? topKDefault;
  const paid = chosen.some(({ offer: { price } }) => price.perResult !== '0' || price.perKiB !== '0');
  if (paid && topK < chosen.length)
    throw new TributaryError(
      'INDEX_AMBIGUOUS',
      `${topK} results cannot be shared among ${chosen.length} indexes; name one, or ask for at least ${chosen.length}`,
    );
  return chosen.map((known, at) => {
    const part = paid ? Math.floor(topK / chosen.length) + (at < topK % chosen.length ? 1 : 0) : topK;
    return { known, question: { ...question, topK: Math.min(part, known.offer.limits.topK) } };
  });
}
