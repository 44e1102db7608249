import { amount, count, parseOrdered } from '@tributary/schemas';
import { z } from 'zod';
import { apiKeySpentBytesMax } from './limits.ts';

/** What a key has spent, open reservations included. */
export interface Spent {
  /** Since the key was created. */
  total: bigint;
  /** On the day {@link day}. */
  today: bigint;
  /** Whole days since 1970, UTC. */
  day: number;
}

export interface Budget {
  /** Null: unlimited. */
  total: bigint | null;
  perDay: bigint | null;
}

const DAY_MS = 86_400_000;
const row = z.strictObject({ v: z.literal(1), total: amount, day: count, today: amount });

export const nothingSpent = (nowMs: number): Spent => ({ total: 0n, today: 0n, day: Math.floor(nowMs / DAY_MS) });

/** The same as of the day of `nowMs`. A clock that was set back starts no new day. */
export function onDay(spent: Spent, nowMs: number): Spent {
  const day = Math.floor(nowMs / DAY_MS);
  return day > spent.day ? { ...spent, day, today: 0n } : spent;
}

/** What is left for the next question; null: unlimited. */
export function left({ total, today }: Spent, budget: Budget): { most: bigint | null; of: 'day' | 'total' } {
  const ofTotal = budget.total === null ? null : budget.total - total;
  const ofDay = budget.perDay === null ? null : budget.perDay - today;
  return ofDay !== null && (ofTotal === null || ofDay <= ofTotal) ? { most: ofDay, of: 'day' } : { most: ofTotal, of: 'total' };
}

/** Takes back the part of a reservation of `day` that was not charged. */
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
