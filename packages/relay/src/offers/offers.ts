import { recoverOffer, signOffer } from '@tributary/proof/payment';
import { isTributaryError, type Offer, type SignedOffer } from '@tributary/schemas';
import { answerKeepMs } from '@tributary/store';
import { RelayError } from '../errors.ts';
import type { Ledger } from '../payments/ledger.ts';
import { makeOffer, type OfferFacts } from './make-offer.ts';
import { offerLifetimeMs, offersKeptMax } from './limits.ts';

export interface OwnOffer {
  readonly hash: string;
  readonly signed: SignedOffer;
  readonly offer: Offer;
}

/** Offers of one index. */
export interface OfferBook {
  /** The offer to show; null when there is none or it has expired. */
  current(): OwnOffer | null;
  /** An earlier offer, kept for `answerKeepMs` after its expiry, so that answers under it can be repeated. */
  byHash(hash: string): OwnOffer | null;
}

export interface Offers {
  of(indexId: string): OfferBook;
  /**
   * The offer for these facts: the present one if its terms are the same and it is young, otherwise a new one, which is
   * on disk before it is shown. Call it when the facts change and at intervals.
   *
   * @throws RelayError LEDGER_WRITE, OVERLOADED when `offersKeptMax` unexpired offers exist
   */
  update(facts: OfferFacts): Promise<OwnOffer>;
  /** Forgets all offers of an index that was deleted. */
  forget(indexId: string): Promise<void>;
  /** Forgets the offers of all other indexes. */
  keepOnly(indexNames: readonly string[]): Promise<void>;
}

export interface OffersOptions {
  readonly ledger: Pick<Ledger, 'network' | 'offers' | 'keepOffer' | 'forgetOffers'>;
  readonly receipt: { readonly privateKey: Uint8Array; readonly address: string };
  /** Name of the ledger's unit. */
  readonly unit: string;
  /** Unix milliseconds. */
  now(): number;
}

/** Offers of one index that were made and are still kept. */
interface IndexOffers {
  readonly byHash: Map<string, OwnOffer>;
  newest: OwnOffer | null;
  making: Promise<OwnOffer>;
}

/** Offers of all indexes of one provider, including those made before a restart. */
export async function createOffers(options: OffersOptions): Promise<Offers> {
  const { ledger, receipt, now } = options;
  const byIndex = new Map<string, IndexOffers>();
  const offersOf = (index: string): IndexOffers => {
    const offers = byIndex.get(index) ?? { byHash: new Map(), newest: null, making: Promise.resolve(NEVER) };
    byIndex.set(index, offers);
    return offers;
  };
  const kept = await ledger.offers();
  const useless: string[] = [];
  for (const { hash, signed } of kept) {
    const offer = readKept(signed, receipt.address, now());
    if (offer === null) useless.push(hash);
    else place(offersOf(offer.index), { hash, signed, offer });
  }
  if (useless.length > 0) await ledger.forgetOffers(useless);
  const forget = async (indexId: string): Promise<void> => {
    const offers = byIndex.get(indexId);
    if (offers === undefined) return;
    byIndex.delete(indexId);
    await offers.making.catch(() => NEVER);
    if (offers.byHash.size > 0) await ledger.forgetOffers([...offers.byHash.keys()]);
  };
  return {
    forget,
    async keepOnly(indexNames) {
      for (const id of byIndex.keys()) if (!indexNames.includes(id.split('@')[0]!)) await forget(id);
    },
    of: (indexId) => ({
      current() {
        const newest = byIndex.get(indexId)?.newest ?? null;
        return newest !== null && newest.offer.expiry > now() ? newest : null;
      },
      byHash: (hash) => byIndex.get(indexId)?.byHash.get(hash) ?? null,
    }),
    update(facts) {
      const offers = offersOf(facts.index.id);
      // One at a time, so that two callers who see the same change make one offer.
      offers.making = offers.making.catch(() => NEVER).then(() => renew(offers, facts, options));
      return offers.making;
    },
  };
}

const NEVER = { hash: '', signed: { body: '', signature: '' } } as OwnOffer;

async function renew(offers: IndexOffers, facts: OfferFacts, options: OffersOptions): Promise<OwnOffer> {
  const { ledger, receipt, now } = options;
  const nowMs = now();
  const made = makeOffer(facts, ledger.network, options.unit, nowMs);
  const { newest } = offers;
  if (newest !== null && sameTerms(newest.offer, made) && isYoung(newest.offer, nowMs)) return newest;
  await forgetExpired(offers, ledger, nowMs);
  if (offers.byHash.size >= offersKeptMax) {
    throw new RelayError(
      'OVERLOADED',
      `${facts.index.id} has ${offersKeptMax} offers that are still valid; change its policy less often`,
    );
  }
  const { body, signature, hash } = signOffer(made, receipt.privateKey);
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
const isYoung = ({ issued, expiry }: Offer, nowMs: number): boolean => issued <= nowMs && expiry - nowMs > offerLifetimeMs / 2;

function place(offers: IndexOffers, known: OwnOffer): void {
  offers.byHash.set(known.hash, known);
  if (offers.newest === null || known.offer.issued >= offers.newest.offer.issued) offers.newest = known;
}

async function forgetExpired(offers: IndexOffers, ledger: OffersOptions['ledger'], nowMs: number): Promise<void> {
  const over = [...offers.byHash.values()].filter(({ offer }) => offer.expiry + answerKeepMs <= nowMs).map(({ hash }) => hash);
  if (over.length === 0) return;
  await ledger.forgetOffers(over);
  for (const hash of over) offers.byHash.delete(hash);
}

/** Null for an offer that has expired, or that an earlier receipt key signed. */
function readKept(signed: SignedOffer, address: string, nowMs: number): Offer | null {
  try {
    const { offer, signer } = recoverOffer(signed);
    return signer === address && offer.expiry + answerKeepMs > nowMs ? offer : null;
  } catch (error) {
    if (isTributaryError(error)) return null;
    throw error;
  }
}

/** Equal except for their dates. The caller compares once a minute, which bounds the offers of a growing index. */
function sameTerms(a: Offer, b: Offer): boolean {
  const terms = (offer: Offer) => JSON.stringify({ ...offer, issued: 0, expiry: 0 });
  return terms(a) === terms(b);
}
