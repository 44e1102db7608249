import { TributaryError, type Trust } from '@tributary/schemas';
import type { KnownOffer } from './types.ts';
import { listIds, namesIndex } from './index-names.ts';
import { fanOutMax } from './limits.ts';

/** Whom the client prefers. */
export interface Preferences {
  /** Keys that the client trusts; null: none are named. */
  trust: Trust | null;
  /** Owners that win an ambiguous name; null: none are named. */
  allowed: ((did: string) => boolean) | null;
  /** May this offer be part of a question that names no index? Left out: such a question goes to one index only. */
  allowsFanOut?: (offer: KnownOffer) => boolean;
}

/**
 * Of the offers known, those that a question goes to: the one that it names, the only one, or up to three of a fan-out.
 * Where several owners use a name, those whose logs are pinned win, then those that are allowed. Empty when nothing has
 * that name.
 *
 * @throws TributaryError INDEX_AMBIGUOUS with the candidates
 */
export function pick(index: string | undefined, known: KnownOffer[], preferences: Preferences): KnownOffer[] {
  if (index === undefined) return pickAny(preferred(known, preferences), preferences);
  const matching = preferred(
    known.filter(({ offer }) => namesIndex(index, offer.index)),
    preferences,
  );
  if (matching.length > 1)
    throw new TributaryError('INDEX_AMBIGUOUS', `more than one index is named '${index}'; ask for one of ${listIds(matching)}`);
  return matching;
}

/**
 * Those of pinned owners; else those of allowed ones; else all. So a stranger who takes a name makes it ambiguous for
 * nobody.
 */
function preferred(known: KnownOffer[], { trust, allowed }: Preferences): KnownOffer[] {
  const pinned = known.filter(({ identity }) => trust?.logs.includes(identity.did));
  if (pinned.length > 0) return pinned;
  const ours = known.filter(({ identity }) => allowed?.(identity.did));
  return ours.length > 0 ? ours : known;
}

function pickAny(known: KnownOffer[], { allowsFanOut }: Preferences): KnownOffer[] {
  if (known.length <= 1) return known;
  const allowed = known.filter((offer) => allowsFanOut?.(offer));
  // Amounts of different units do not add up, so nobody could say what the question costs.
  const units = new Set(allowed.map(({ offer }) => offer.unit));
  if (allowed.length > 0 && allowed.length <= fanOutMax && units.size === 1) return allowed;
  throw new TributaryError('INDEX_AMBIGUOUS', `name the index to ask: one of ${listIds(known)}`);
}
