import { amount, count, parseOrdered } from '@tributary/schemas';
import { z } from 'zod';
import { apiKeySpentBytesMax } from './limits.ts';

/** What a key spent; reservations that are not settled count. */
export interface Spent {
  /** Since the key was made. */
  total: bigint;
  /** In the day {@link day}. */
  today: bigint;
  /** Whole days since 1970, UTC. */
  day: number;
}

export interface Budget {
  /** Null: no bound. */
  total: bigint | null;
  perDay: bigint | null;
}

const DAY_MS = 86_400_000;
const row = z.strictObject({ v: z.literal(1), total: amount, day: count, today: amount });

export const nothingSpent = (nowMs: number): Spent => ({ total: 0n, today: 0n, day: Math.floor(nowMs / DAY_MS) });

/** The same on the day of `nowMs`. A clock that was set back begins no new day. */
export function onDay(spent: Spent, nowMs: number): Spent {
  const day = Math.floor(nowMs / DAY_MS);
  return day > spent.day ? { ...spent, day, today: 0n } : spent;
}

/** What is left for one more question; null: no bound. */
export function left({ total, today }: Spent, budget: Budget): { most: bigint | null; of: 'day' | 'total' } {
  const ofTotal = budget.total === null ? null : budget.total - total;
  const ofDay = budget.perDay === null ? null : budget.perDay - today;
  return ofDay !== null && (ofTotal === null || ofDay <= ofTotal) ? { most: ofDay, of: 'day' } : { most: ofTotal, of: 'total' };
}

/** Takes an amount that was reserved on `day` and not charged off again. */
export function givenBack(spent: Spent, unspent: bigint, day: number): Spent {
  return { ...spent, total: spent.total - unspent, today: spent.day === day ? spent.today - unspent : spent.today };
}

/** The row of a key in the database (docs/spec/api-keys.md). */
export function writeSpent({ total, day, today }: Spent): Uint8Array {
  return Buffer.from(JSON.stringify({ v: 1, total: String(total), day, today: String(today) }));
}

/** @throws TributaryError INPUT_* */
export function readSpent(bytes: Uint8Array): Spent {
  const { total, day, today } = parseOrdered(row, bytes, 'what a key spent', apiKeySpentBytesMax);
  return { total: BigInt(total), day, today: BigInt(today) };
}
