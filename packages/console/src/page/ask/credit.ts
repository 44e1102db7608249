import type { KnownOffer } from '@tributary/client/http';
import type { GatewayCredit } from '@tributary/schemas';

/** What the reader can spend on these indexes in all; null when it is not known. The budget of a key bounds it. */
export function creditFor(of: readonly KnownOffer[], credit: GatewayCredit | null): bigint | null {
  if (credit === null) return null;
  const dids = new Set(of.map(({ identity }) => identity.did));
  const parts = credit.providers.filter(({ provider }) => dids.has(provider)).map((one) => one.credit);
  if (parts.length < dids.size || parts.includes(null)) return null;
  const sum = parts.reduce((total, part) => total + BigInt(part!), 0n);
  const budget = credit.budget === null ? null : BigInt(credit.budget);
  return budget !== null && budget < sum ? budget : sum;
}
