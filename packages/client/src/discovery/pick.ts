import { TributaryError, type Trust } from '@tributary/schemas';
import type { KnownOffer } from './types.ts';
import { listIds, namesIndex } from './index-names.ts';
import { fanOutMax } from './limits.ts';

/** What the client prefers. */
export interface Preferences {
  /** Keys that the client trusts; null: none were given. */
  trust: Trust | null;
  /** Owners that win an ambiguous name; null: none were given. */
  allowed: ((did: string) => boolean) | null;
  /**
   * Whether an offer may be part of a question that names no index. Without it, such a question goes to one index only.
   */
  allowsFanOut?: (offer: KnownOffer) => boolean;
}

/**
 * Picks the offers that a question goes to: the named one, the only one, or up to three of a fan-out. Where several
 * owners use a name, owners with pinned logs win, then allowed ones. Empty when no index has the name.
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
 * Offers of pinned owners, otherwise those of allowed owners, otherwise all. So a stranger that takes a name makes it
 * ambiguous for nobody who pinned or allowed its owner.
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
  // Amounts of different units cannot be added, so the cost of the question could not be stated.
  const units = new Set(allowed.map(({ offer }) => offer.unit));
  if (allowed.length > 0 && allowed.length <= fanOutMax && units.size === 1) return allowed;
  throw new TributaryError('INDEX_AMBIGUOUS', `name the index to ask: one of ${listIds(known)}`);
}
