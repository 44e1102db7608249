import type { KnownOffer } from '../discovery/types.ts';
import { ClientError } from '../errors.ts';
import { unknownIndex } from '../discovery/index-names.ts';
import { pick } from '../discovery/pick.ts';
import type { QueryContext, Question } from './types.ts';

/** The providers that the client knows and those that it prefers. */
export type ChooseContext = Pick<QueryContext, 'providers' | 'trust' | 'allowed'>;

/**
 * Picks the offers that a question goes to, with `pick`. Asks the network again before it gives up.
 *
 * @throws ClientError NO_PROVIDER, INDEX_NOT_OFFERED; TributaryError INDEX_AMBIGUOUS with the candidates
 */
export async function choose(question: Question, context: ChooseContext, signal?: AbortSignal): Promise<KnownOffer[]> {
  const { providers } = context;
  const preferences = { ...context, allowsFanOut: (offer: KnownOffer) => providers.allowsFanOut(offer) };
  const found = pick(question.index, providers.offers(), preferences);
  if (found.length > 0) return found;
  await providers.refresh(signal);
  const again = pick(question.index, providers.offers(), preferences);
  if (again.length > 0) return again;
  const known = providers.offers();
  if (known.length === 0)
    throw new ClientError('NO_PROVIDER', 'no provider is known; start one with tributary provide, or give --bootstrap ADDRESS');
  throw new ClientError('INDEX_NOT_OFFERED', unknownIndex(question.index ?? '', known));
}
