import { clockSkewMs } from '@tributary/proof';
import type { RecoveredOffer } from '@tributary/proof/payment';
import { isTributaryError, type SignedOffer } from '@tributary/schemas';
import { answerKeepMs } from '@tributary/store';
import { RelayError } from '../errors.ts';
import type { Ledger } from '../payments/ledger.ts';
import { offerLifetimeMs, offersKeptMax } from './limits.ts';

/** What every kind of offer has. */
interface Dated {
  readonly issued: number;
  readonly expiry: number;
}

export interface OwnOffer<Kind extends Dated> {
  readonly hash: string;
  readonly signed: SignedOffer;
  readonly offer: Kind;
}

/** Offers of one index, or of one model. */
export interface OfferBook<Kind extends Dated> {
  /** The offer to show; null when there is none, it has expired, or nobody accepts it because the clock was ahead. */
  current(): OwnOffer<Kind> | null;
  /** An earlier offer, kept for `answerKeepMs` after its expiry, so that answers under it can be repeated. */
  byHash(hash: string): OwnOffer<Kind> | null;
}

/** One kind of offer: how it is made from facts, signed, read, and what it is for. */
export interface OfferFormat<Kind extends Dated, Facts> {
  /** Id of the index, or digest of the model. */
  nameOf(facts: Facts): string;
  nameIn(offer: Kind): string;
  make(facts: Facts, nowMs: number): Kind;
  sign(offer: Kind): SignedOffer & { hash: string };
  recover(signed: SignedOffer): RecoveredOffer<Kind>;
}

export interface ShelfOptions {
  readonly ledger: Pick<Ledger, 'keepOffer' | 'forgetOffers'>;
  /** Address of the key that signs the offers. */
  readonly signer: string;
  /** Unix milliseconds. */
  now(): number;
}

/** All offers of one kind that were made and are still kept. */
export interface Shelf<Kind extends Dated, Facts> {
  of(name: string): OfferBook<Kind>;
  names(): string[];
  /** Takes an offer from the ledger; false when it is of another kind, too old, or by an earlier receipt key. */
  take(kept: { hash: string; signed: SignedOffer }): boolean;
  /** @throws RelayError LEDGER_WRITE, OVERLOADED */
  update(facts: Facts): Promise<OwnOffer<Kind>>;
  forget(name: string): Promise<void>;
}

/** Offers for one thing. */
interface Offered<Kind extends Dated> {
  readonly byHash: Map<string, OwnOffer<Kind>>;
  newest: OwnOffer<Kind> | null;
  making: Promise<unknown>;
}

export function createShelf<Kind extends Dated, Facts>(
  format: OfferFormat<Kind, Facts>,
  options: ShelfOptions,
): Shelf<Kind, Facts> {
  const { now, ledger, signer } = options;
  const all = new Map<string, Offered<Kind>>();
  const offersOf = (name: string): Offered<Kind> => {
    const offers = all.get(name) ?? { byHash: new Map<string, OwnOffer<Kind>>(), newest: null, making: Promise.resolve() };
    all.set(name, offers);
    return offers;
  };
  return {
    names: () => [...all.keys()],
    of: (name) => ({
      current() {
        const newest = all.get(name)?.newest ?? null;
        return newest !== null && newest.offer.expiry > now() && !isAhead(newest.offer, now()) ? newest : null;
      },
      byHash: (hash) => all.get(name)?.byHash.get(hash) ?? null,
    }),
    take({ hash, signed }) {
      const offer = readKept(format, signed, signer, now());
      if (offer !== null) place(offersOf(format.nameIn(offer)), { hash, signed, offer });
      return offer !== null;
    },
    update(facts) {
      const offers = offersOf(format.nameOf(facts));
      // One at a time, so that two callers who see the same change make one offer.
      const making = offers.making.catch(() => undefined).then(() => renew(offers, facts, format, options));
      offers.making = making;
      return making;
    },
    async forget(name) {
      const offers = all.get(name);
      if (offers === undefined) return;
      all.delete(name);
      await offers.making.catch(() => undefined);
      if (offers.byHash.size > 0) await ledger.forgetOffers([...offers.byHash.keys()]);
    },
  };
}

async function renew<Kind extends Dated, Facts>(
  offers: Offered<Kind>,
  facts: Facts,
  format: OfferFormat<Kind, Facts>,
  { ledger, now }: ShelfOptions,
): Promise<OwnOffer<Kind>> {
  const nowMs = now();
  const made = format.make(facts, nowMs);
  const { newest } = offers;
  if (newest !== null && sameTerms(newest.offer, made) && isYoung(newest.offer, nowMs)) return newest;
  await forgetExpired(offers, ledger, nowMs);
  if (offers.byHash.size >= offersKeptMax) {
    throw new RelayError(
      'OVERLOADED',
      `${format.nameOf(facts)} has ${offersKeptMax} offers that are still valid; change its policy less often`,
    );
  }
  const { body, signature, hash } = format.sign(made);
  const known = { hash, signed: { body, signature }, offer: made };
  await ledger.keepOffer(hash, known.signed);
  offers.byHash.set(hash, known);
  offers.newest = known;
  return known;
}

/**
 * In the first half of its life and not issued in the future. The latter happens when the clock was set back; clients
 * would refuse such an offer.
 */
const isYoung = ({ issued, expiry }: Dated, nowMs: number): boolean => issued <= nowMs && expiry - nowMs > offerLifetimeMs / 2;

/** Issued so far in the future that clients refuse it, because the clock was set back since. */
const isAhead = ({ issued }: Dated, nowMs: number): boolean => issued > nowMs + clockSkewMs;

function place<Kind extends Dated>(offers: Offered<Kind>, known: OwnOffer<Kind>): void {
  offers.byHash.set(known.hash, known);
  if (offers.newest === null || known.offer.issued >= offers.newest.offer.issued) offers.newest = known;
}

async function forgetExpired<Kind extends Dated>(
  offers: Offered<Kind>,
  ledger: ShelfOptions['ledger'],
  nowMs: number,
): Promise<void> {
  const isOver = (offer: Kind): boolean => offer.expiry + answerKeepMs <= nowMs || isAhead(offer, nowMs);
  const over = [...offers.byHash.values()].filter(({ offer }) => isOver(offer)).map(({ hash }) => hash);
  if (over.length === 0) return;
  await ledger.forgetOffers(over);
  for (const hash of over) offers.byHash.delete(hash);
}

/** Null for an offer of another kind, one that nobody accepts any more or yet, or one by an earlier receipt key. */
function readKept<Kind extends Dated, Facts>(
  { recover }: OfferFormat<Kind, Facts>,
  signed: SignedOffer,
  address: string,
  nowMs: number,
): Kind | null {
  try {
    const { offer, signer } = recover(signed);
    return signer === address && offer.expiry + answerKeepMs > nowMs && !isAhead(offer, nowMs) ? offer : null;
  } catch (error) {
    if (isTributaryError(error)) return null;
    throw error;
  }
}

/** Equal except for their dates. The caller compares once a minute, which bounds the offers of a growing index. */
function sameTerms(a: Dated, b: Dated): boolean {
  const terms = (offer: Dated) => JSON.stringify({ ...offer, issued: 0, expiry: 0 });
  return terms(a) === terms(b);
}
