import type { Offer, Price } from '@tributary/schemas';

/** True when an offer asks for nothing: its answers carry no payment. */
export function isFree(price: Price): boolean {
  return price.base === '0' && price.perResult === '0' && price.perKiB === '0';
}

/** Price of an answer with `results` results whose shown texts have `textBytes` UTF-8 bytes in all; 0 without results. */
export function priceOf(price: Price, results: number, textBytes: number): bigint {
  if (results === 0) return 0n;
  return (
    BigInt(price.base) + BigInt(results) * BigInt(price.perResult) + BigInt(Math.ceil(textBytes / 1_024)) * BigInt(price.perKiB)
  );
}

/** Most that an answer with up to `topK` results should cost: what a ticket must allow at least. */
export function quoteOf(offer: Pick<Offer, 'price' | 'maxCharge'>, topK: number): bigint {
  const results = BigInt(topK);
  const { base, perResult, perKiB } = offer.price;
  return least(BigInt(offer.maxCharge), BigInt(base) + results * BigInt(perResult) + 2n * results * BigInt(perKiB));
}

/** What is charged: the price, but never more than the ticket or the offer allows (docs/spec/offer.md). */
export function chargeOf(
  offer: Pick<Offer, 'price' | 'maxCharge'>,
  usage: { results: number; textBytes: number; ticketMaxCharge: string },
): bigint {
  const price = priceOf(offer.price, usage.results, usage.textBytes);
  return least(price, least(BigInt(usage.ticketMaxCharge), BigInt(offer.maxCharge)));
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
