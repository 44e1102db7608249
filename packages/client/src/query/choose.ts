import { TributaryError } from '@tributary/schemas';
import { ClientError } from '../errors.ts';
import { listIds, namesIndex, unknownIndex } from '../index-names.ts';
import { fanOutMax } from './limits.ts';
import type { KnownOffer, QueryContext, Question } from './types.ts';

/** Whom the asker knows, and whom it prefers. */
export type ChooseContext = Pick<QueryContext, 'providers' | 'trust' | 'allowed'>;

/**
 * Picks the offers that a question goes to: the one it names, the only one known, or up to three that a paid fan-out may use. Where
 * several owners use a name, those whose logs are pinned win, then those that are allowed.
 *
 * @throws ClientError NO_PROVIDER, INDEX_NOT_OFFERED; TributaryError INDEX_AMBIGUOUS with the candidates
 */
export async function choose(question: Question, context: ChooseContext, signal?: AbortSignal): Promise<KnownOffer[]> {
  const found = pick(question.index, context);
  if (found.length > 0) return found;
  await context.providers.refresh(signal);
  const again = pick(question.index, context);
  if (again.length > 0) return again;
  const known = context.providers.offers();
  if (known.length === 0)
    throw new ClientError('NO_PROVIDER', 'no provider is known; start one with tributary provide, or give --bootstrap ADDRESS');
  throw new ClientError('INDEX_NOT_OFFERED', unknownIndex(question.index ?? '', known));
}

function pick(index: string | undefined, context: ChooseContext): KnownOffer[] {
  const known = context.providers.offers();
  if (index === undefined) return pickAny(preferred(known, context), context);
  const matching = preferred(
    known.filter(({ offer }) => namesIndex(index, offer.index)),
    context,
  );
  if (matching.length > 1)
    throw new TributaryError('INDEX_AMBIGUOUS', `more than one index is named '${index}'; ask for one of ${listIds(matching)}`);
  return matching;
}

/** Those of pinned owners; else those of allowed ones; else all. So a stranger who takes a name makes it ambiguous for nobody. */
function preferred(known: KnownOffer[], { trust, allowed }: ChooseContext): KnownOffer[] {
  const pinned = known.filter(({ identity }) => trust?.logs.includes(identity.did));
  if (pinned.length > 0) return pinned;
  const ours = known.filter(({ identity }) => allowed?.(identity.did));
  return ours.length > 0 ? ours : known;
}

function pickAny(known: KnownOffer[], { providers }: ChooseContext): KnownOffer[] {
  if (known.length <= 1) return known;
  const allowed = known.filter((offer) => providers.allowsFanOut(offer));
  // Amounts of different units do not add up, so nobody could say what the question costs.
  const units = new Set(allowed.map(({ offer }) => offer.unit));
  if (allowed.length > 0 && allowed.length <= fanOutMax && units.size === 1) return allowed;
  throw new TributaryError('INDEX_AMBIGUOUS', `name the index to ask: one of ${listIds(known)}`);
}
