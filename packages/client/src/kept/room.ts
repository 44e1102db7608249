import type { StoredFacts } from './rows.ts';

/** The facts of all accounts, each by receipt, oldest first. Null: the client itself. */
export type AllKept = ReadonlyMap<string | null, ReadonlyMap<string, StoredFacts>>;

/** A kept answer, by its account. */
export interface KeptPlace {
  account: string | null;
  receipt: string;
}

interface Held {
  account: string | null;
  bytes: number;
  /** In the order in which they go. */
  facts: StoredFacts[];
}

/**
 * What has to go so that all accounts together keep no more than so many bytes. The account that keeps most loses
 * first, so that one account cannot push out the answers of others: what was handed out, then the oldest. Accounts that
 * keep as much go in the order of their ids.
 */
export function overAll(all: AllKept, bytesMax: number): KeptPlace[] {
  const held = [...all].map(([account, facts]) => heldBy(account, [...facts.values()]));
  let bytes = held.reduce((sum, one) => sum + one.bytes, 0);
  const gone: KeptPlace[] = [];
  while (bytes > bytesMax) {
    const largest = held.reduce((most, one) => (isBefore(one, most) ? one : most));
    const [next] = largest.facts.splice(0, 1);
    if (next === undefined) break;
    largest.bytes -= next.bytes;
    bytes -= next.bytes;
    gone.push({ account: largest.account, receipt: next.receipt });
  }
  return gone;
}

/** Sorting is stable, so each kind stays in the order of its age. */
const heldBy = (account: string | null, facts: StoredFacts[]): Held => ({
  account,
  bytes: facts.reduce((sum, one) => sum + one.bytes, 0),
  facts: facts.toSorted((one, other) => Number(one.recovered) - Number(other.recovered)),
});

const isBefore = (one: Held, other: Held): boolean =>
  one.bytes !== other.bytes ? one.bytes > other.bytes : (one.account ?? '') < (other.account ?? '');
