import type { Books } from './types.ts';

/** Paid answers so far, and their stated costs. */
export interface Total {
  answers: number;
  charged: bigint;
}

/**
 * Three sums must be equal: what callers were charged, what the wallets acknowledged and what the ledger booked, by
 * amount and by receipt.
 */
export function compareBooks(
  { answers, charged }: Readonly<Total>,
  acknowledged: bigint,
  books: Books,
  price: bigint,
): { readonly agree: boolean; readonly words: string } {
  const sums = [charged, acknowledged, books.charged, price * BigInt(books.receipts), price * BigInt(answers)];
  if (new Set(sums).size > 1 || books.uncovered > 0n || books.inFlight > 0) {
    const words = `answers say ${charged}, wallets ${acknowledged}, ledger ${books.charged} with ${books.receipts} receipts for ${answers} answers, ${books.uncovered} uncovered`;
    return { agree: false, words: `the books differ: ${words}` };
  }
  const words = `${answers} answers, ${books.receipts} receipts, ${books.charged} credits charged by the ledger and acknowledged by the wallets`;
  return { agree: true, words: `books: ${words}` };
}
