import type { KnownOffer } from '@tributary/client/http';
import { isFree } from '@tributary/proof/payment';
import { digits, money } from '../format.ts';

/** What does an answer not prove? One sentence for each word of a report. */
export const NOT_PROVEN: Readonly<Record<string, string>> = {
  completeness: 'that no better record of the index was left out',
  author: 'who wrote the texts; only who signed them is proven',
  embedding: 'that the vectors are what the model makes of the texts',
  queryEmbedding: 'that the provider turned your question into the right vector',
  corpusStatistics: 'the word counts of the whole index, which the keyword scores use',
  vectorLength: 'that the vectors have the lengths that the model gives them; these scores depend on them',
  deletion: 'that what was deleted cannot come back; only the owner could restore it',
  mergedRank: 'the order between results of different indexes',
  servedAt: 'when the answer was made; only the provider states the date',
  witnessed: 'that others have seen the same state of the index',
  fresh: 'that this was the newest state of the index',
};

/** What an index charges, by its signed offer. */
export function priceInWords({ offer: { price, unit } }: KnownOffer): string {
  if (isFree(price)) return 'Free';
  const parts = [
    price.base === '0' ? null : `${money(price.base, unit)} a question`,
    price.perResult === '0' ? null : `${digits(price.perResult)} a passage`,
    price.perKiB === '0' ? null : `${digits(price.perKiB)} a KiB of text`,
    price.empty === '0' ? null : `${digits(price.empty)} if nothing is found`,
  ];
  return parts.filter((part) => part !== null).join(' + ');
}

/** What a question costs and what the reader has, in one phrase. */
export function costInWords(most: bigint, unit: string, credit: bigint | null): string {
  if (most === 0n) return 'Free of charge.';
  if (credit === null) return `Costs at most ${money(most, unit)}.`;
  return `Costs at most ${digits(most)} of your ${money(credit, unit)}.`;
}
