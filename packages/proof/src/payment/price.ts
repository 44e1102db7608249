import { utf8Length, type EmbeddingPrice, type Offer, type Price, type Receipt } from '@tributary/schemas';

/** The size of an answer. */
export interface Usage {
  readonly status: Receipt['status'];
  readonly results: number;
  /** UTF-8 bytes of the shown texts. */
  readonly textBytes: number;
  readonly ticketMaxCharge: string;
}

/** True when an offer is free: its answers have no payment. */
export function isFree(price: Price): boolean {
  return price.base === '0' && price.perResult === '0' && price.perKiB === '0' && price.empty === '0';
}

/**
 * Price of an answer with `results` results whose shown texts have `textBytes` UTF-8 bytes in total; without results,
 * the price of an empty answer.
 */
export function priceOf(price: Price, results: number, textBytes: number): bigint {
  if (results === 0) return BigInt(price.empty);
  return (
    BigInt(price.base) + BigInt(results) * BigInt(price.perResult) + BigInt(Math.ceil(textBytes / 1_024)) * BigInt(price.perKiB)
  );
}

/** The most that an answer with up to `topK` results should cost, and so the least that a ticket must allow. */
export function quoteOf(offer: Pick<Offer, 'price' | 'maxCharge'>, topK: number): bigint {
  const results = BigInt(topK);
  const { base, perResult, perKiB, empty } = offer.price;
  const full = BigInt(base) + results * BigInt(perResult) + 2n * results * BigInt(perKiB);
  return least(BigInt(offer.maxCharge), full > BigInt(empty) ? full : BigInt(empty));
}

/**
 * What is charged: the price, but never more than the ticket or the offer allows; an answer that is gone costs nothing
 * (docs/spec/offer.md).
 */
export function chargeOf(offer: Pick<Offer, 'price' | 'maxCharge'>, usage: Usage): bigint {
  if (usage.status === 'gone') return 0n;
  const price = priceOf(offer.price, usage.results, usage.textBytes);
  return least(price, least(BigInt(usage.ticketMaxCharge), BigInt(offer.maxCharge)));
}

/** True when an offer of embeddings is free: its answers have no payment. */
export function isFreeEmbedding(price: EmbeddingPrice): boolean {
  return price.base === '0' && price.perText === '0' && price.perKiB === '0';
}

/** Price of vectors for so many texts with so many UTF-8 bytes together (docs/spec/embedding.md). */
export function embeddingPriceOf(price: EmbeddingPrice, texts: number, textBytes: number): bigint {
  return BigInt(price.base) + BigInt(texts) * BigInt(price.perText) + BigInt(Math.ceil(textBytes / 1_024)) * BigInt(price.perKiB);
}

/** UTF-8 bytes of all texts together. */
export const textBytesOf = (texts: readonly string[]): number => texts.reduce((sum, one) => sum + utf8Length(one), 0);

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
