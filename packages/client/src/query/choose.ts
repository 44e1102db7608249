import { TributaryError } from '@tributary/schemas';
import { ClientError } from '../errors.ts';
import { fanOutMax } from './limits.ts';
import type { KnownOffer, Providers, Question } from './types.ts';

/**
 * Picks the offers that a question goes to: the one it names, the only one known, or up to three that a paid fan-out may use.
 *
 * @throws ClientError NO_PROVIDER, INDEX_NOT_OFFERED; TributaryError INDEX_AMBIGUOUS with the candidates
 */
export async function choose(question: Question, providers: Providers, signal?: AbortSignal): Promise<KnownOffer[]> {
  const found = pick(question.index, providers);
  if (found.length > 0) return found;
  await providers.refresh(signal);
  const again = pick(question.index, providers);
  if (again.length > 0) return again;
  const known = providers.offers();
  if (known.length === 0)
    throw new ClientError('NO_PROVIDER', 'no provider is known; start one with tributary provide, or give --bootstrap ADDRESS');
  throw new ClientError('INDEX_NOT_OFFERED', `nobody offers the index '${question.index}'; known: ${names(known)}`);
}

function pick(index: string | undefined, providers: Providers): KnownOffer[] {
  const known = providers.offers();
  if (index === undefined) return pickAny(known, providers);
  const matching = known.filter(({ offer }) => offer.index === index || offer.index.startsWith(`${index}@`));
  if (matching.length > 1) {
    throw new TributaryError('INDEX_AMBIGUOUS', `more than one index is named '${index}'; ask for one of ${names(matching)}`);
  }
  return matching;
}

function pickAny(known: KnownOffer[], providers: Providers): KnownOffer[] {
  if (known.length <= 1) return known;
  const allowed = known.filter((offer) => providers.allowsFanOut(offer));
  if (allowed.length > 0 && allowed.length <= fanOutMax) return allowed;
  throw new TributaryError('INDEX_AMBIGUOUS', `name the index to ask: one of ${names(known)}`);
}

const names = (known: KnownOffer[]): string =>
  known
    .slice(0, 20)
    .map(({ offer }) => offer.index)
    .join(', ');
