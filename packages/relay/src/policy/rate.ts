/** Counts calls of many callers; see {@link createRate}. */
export interface Rate {
  /** Takes one call of `caller` if `perMinute` allows it. @returns 0, or how many milliseconds until it would */
  take(caller: string, perMinute: number): number;
}

interface Bucket {
  tokens: number;
  atMs: number;
}

const MINUTE_MS = 60_000;

/**
 * A token bucket for each caller: it holds one minute's worth and refills evenly. Of more than `callersMax` callers, the one heard of
 * longest ago is forgotten and starts with a full bucket.
 */
export function createRate(callersMax: number, now: () => number): Rate {
  const buckets = new Map<string, Bucket>();
  return {
    take(caller, perMinute) {
      if (perMinute <= 0) return 0;
      const atMs = now();
      const known = buckets.get(caller) ?? { tokens: perMinute, atMs };
      // A clock that was set back refills nothing.
      const refill = (Math.max(0, atMs - known.atMs) * perMinute) / MINUTE_MS;
      const tokens = Math.min(perMinute, known.tokens + refill);
      const allowed = tokens >= 1;
      buckets.delete(caller);
      buckets.set(caller, { tokens: allowed ? tokens - 1 : tokens, atMs });
      if (buckets.size > callersMax) buckets.delete(buckets.keys().next().value ?? caller);
      return allowed ? 0 : Math.ceil(((1 - tokens) * MINUTE_MS) / perMinute);
    },
  };
}
