import { priceOf, recoverOffer, signOffer, type Network } from '@tributary/proof';
import { answerBytesMax, isTributaryError, recordTextBytesMax, type Offer, type SignedOffer } from '@tributary/schemas';
import { answerKeepMs, type IndexInfo } from '@tributary/store';
import { RelayError } from '../errors.ts';
import type { Ledger } from '../payments/ledger.ts';
import type { Policy } from '../policy/policy.ts';
import { deadlineMaxMs } from '../payments/limits.ts';
import { offerLifetimeMs, offersKeptMax } from './limits.ts';

export interface KnownOffer {
  readonly hash: string;
  readonly signed: SignedOffer;
  readonly offer: Offer;
}

/** Offers of one index. */
export interface OfferBook {
  /** The offer to show; null when none was made or it has expired. */
  current(): KnownOffer | null;
  /** An offer made earlier, kept for `answerKeepMs` after its expiry so that answers under it can be asked for again. */
  byHash(hash: string): KnownOffer | null;
}

/** What an offer says of the index and its owner. */
export interface OfferFacts {
  /** Hash of the provider's identity statement. */
  readonly identity: string;
  readonly index: Pick<
    IndexInfo,
    'id' | 'visibility' | 'title' | 'description' | 'licence' | 'records' | 'model' | 'modelDigest' | 'dimension' | 'metric'
  >;
  readonly policy: Policy;
}

export interface Offers {
  of(indexId: string): OfferBook;
  /**
   * The offer that these facts call for: the present one if it says the same and is young, else a new one, which is on disk before
   * anybody sees it. Call it when facts change and now and then.
   *
   * @throws RelayError LEDGER_WRITE, OVERLOADED when `offersKeptMax` unexpired offers exist
   */
  update(facts: OfferFacts): Promise<KnownOffer>;
  /** Forgets all offers of an index that is gone. */
  forget(indexId: string): Promise<void>;
  /** Forgets those of indexes of other names. */
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

interface Shelf {
  readonly byHash: Map<string, KnownOffer>;
  newest: KnownOffer | null;
  making: Promise<KnownOffer>;
}

/** Offers of all indexes of one provider, those made before a restart included. */
export async function createOffers(options: OffersOptions): Promise<Offers> {
  const { ledger, receipt, now } = options;
  const shelves = new Map<string, Shelf>();
  const shelfOf = (index: string): Shelf => {
    const shelf = shelves.get(index) ?? { byHash: new Map(), newest: null, making: Promise.resolve(NEVER) };
    shelves.set(index, shelf);
    return shelf;
  };
  const kept = await ledger.offers();
  const useless: string[] = [];
  for (const { hash, signed } of kept) {
    const offer = readKept(signed, receipt.address, now());
    if (offer === null) useless.push(hash);
    else place(shelfOf(offer.index), { hash, signed, offer });
  }
  if (useless.length > 0) await ledger.forgetOffers(useless);
  const forget = async (indexId: string): Promise<void> => {
    const shelf = shelves.get(indexId);
    if (shelf === undefined) return;
    shelves.delete(indexId);
    await shelf.making.catch(() => NEVER);
    if (shelf.byHash.size > 0) await ledger.forgetOffers([...shelf.byHash.keys()]);
  };
  return {
    forget,
    async keepOnly(indexNames) {
      for (const id of shelves.keys()) if (!indexNames.includes(id.split('@')[0]!)) await forget(id);
    },
    of: (indexId) => ({
      current() {
        const newest = shelves.get(indexId)?.newest ?? null;
        return newest !== null && newest.offer.expiry > now() ? newest : null;
      },
      byHash: (hash) => shelves.get(indexId)?.byHash.get(hash) ?? null,
    }),
    update(facts) {
      const shelf = shelfOf(facts.index.id);
      // One after the other, so that two callers who see the same change make one offer.
      shelf.making = shelf.making.catch(() => NEVER).then(() => renew(shelf, facts, options));
      return shelf.making;
    },
  };
}

const NEVER = { hash: '', signed: { body: '', signature: '' } } as KnownOffer;

async function renew(shelf: Shelf, facts: OfferFacts, options: OffersOptions): Promise<KnownOffer> {
  const { ledger, receipt, now } = options;
  const nowMs = now();
  const made = offerOf(facts, ledger.network, options.unit, nowMs);
  const { newest } = shelf;
  if (newest !== null && sameTerms(newest.offer, made) && isYoung(newest.offer, nowMs)) return newest;
  await forgetExpired(shelf, ledger, nowMs);
  if (shelf.byHash.size >= offersKeptMax) {
    throw new RelayError(
      'OVERLOADED',
      `${facts.index.id} has ${offersKeptMax} offers that still hold; change its policy less often`,
    );
  }
  const { body, signature, hash } = signOffer(made, receipt.privateKey);
  const known = { hash, signed: { body, signature }, offer: made };
  await ledger.keepOffer(hash, known.signed);
  shelf.byHash.set(hash, known);
  shelf.newest = known;
  return known;
}

/** In the first half of its life, and not of the future: it was made before the clock was set back, and buyers would refuse it. */
const isYoung = ({ issued, expiry }: Offer, nowMs: number): boolean => issued <= nowMs && expiry - nowMs > offerLifetimeMs / 2;

function place(shelf: Shelf, known: KnownOffer): void {
  shelf.byHash.set(known.hash, known);
  if (shelf.newest === null || known.offer.issued >= shelf.newest.offer.issued) shelf.newest = known;
}

async function forgetExpired(shelf: Shelf, ledger: OffersOptions['ledger'], nowMs: number): Promise<void> {
  const over = [...shelf.byHash.values()].filter(({ offer }) => offer.expiry + answerKeepMs <= nowMs).map(({ hash }) => hash);
  if (over.length === 0) return;
  await ledger.forgetOffers(over);
  for (const hash of over) shelf.byHash.delete(hash);
}

/** Null for an offer that is over, or that an earlier receipt key signed. */
function readKept(signed: SignedOffer, address: string, nowMs: number): Offer | null {
  try {
    const { offer, signer } = recoverOffer(signed);
    return signer === address && offer.expiry + answerKeepMs > nowMs ? offer : null;
  } catch (error) {
    if (isTributaryError(error)) return null;
    throw error;
  }
}

/** Equal but for their dates. The caller looks once a minute, so a growing index makes at most that many offers. */
function sameTerms(a: Offer, b: Offer): boolean {
  const terms = (offer: Offer) => JSON.stringify({ ...offer, issued: 0, expiry: 0 });
  return terms(a) === terms(b);
}

function offerOf({ identity, index, policy }: OfferFacts, network: Network, unit: string, nowMs: number): Offer {
  const { price, queriesPerMinute, exposurePerChannel, exposurePerEpoch, epochMs, credit, maxInFlight } = policy;
  return {
    v: 1,
    type: 'tributary/offer',
    identity,
    index: index.id,
    visibility: index.visibility,
    card: {
      title: index.title,
      description: index.description,
      licence: index.licence,
      records: index.records,
      model: index.modelDigest,
      modelId: index.model.id,
      languages: [...(index.model.languages ?? [])],
      dimension: index.dimension,
      metric: index.metric,
    },
    price: { base: price.base, perResult: price.perResult, perKiB: price.perKiB, empty: price.empty },
    unit,
    network: { id: network.id, chainId: network.chainId, verifyingContract: network.verifyingContract },
    limits: { topK: topKOf(policy), queriesPerMinute, exposurePerChannel, exposurePerEpoch, epochMs },
    credit,
    maxInFlight,
    maxCharge: maxChargeOf(policy),
    answerKeepMs,
    deadlineMaxMs,
    hiding: 'none',
    issued: nowMs,
    expiry: nowMs + offerLifetimeMs,
  };
}

/** More than the exposure caps allow can never be shown at once. */
function topKOf({ topK, exposurePerChannel, exposurePerEpoch }: Policy): number {
  return Math.min(topK, exposurePerChannel ?? Infinity, exposurePerEpoch ?? Infinity);
}

/** Price of the dearest answer: `topK` results of the longest text, as far as one answer can hold them, or none. */
function maxChargeOf(policy: Policy): string {
  const { price } = policy;
  const topK = topKOf(policy);
  const full = priceOf(price, topK, Math.min(topK * recordTextBytesMax, answerBytesMax));
  const empty = BigInt(price.empty);
  const most = full > empty ? full : empty;
  const end = (1n << 128n) - 1n;
  return String(most < end ? most : end);
}
