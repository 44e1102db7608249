/** Rate limits of many callers; see {@link createRate}. */
export interface Rate {
  /**
   * Counts one call of `caller` if `perMinute` allows it.
   *
   * @param burst calls that a full bucket holds. Default: one minute's worth
   * @returns 0 when the call was counted, otherwise the milliseconds until it would be allowed
   */
  take(caller: string, perMinute: number, burst?: number): number;
  /** The same without counting, for work whose result decides whether it counts. */
  wait(caller: string, perMinute: number): number;
  /** Counts one call that is over, whether or not it was allowed. */
  spend(caller: string, perMinute: number): void;
}

interface Bucket {
  tokens: number;
  atMs: number;
}

const MINUTE_MS = 60_000;

/**
 * A token bucket per caller. It holds one minute's worth of calls, or a burst, and refills evenly. Beyond `callersMax`
 * callers, the one that called longest ago is forgotten and starts again with a full bucket.
 */
export function createRate(callersMax: number, now: () => number): Rate {
  const buckets = new Map<string, Bucket>();
  const tokensOf = (caller: string, perMinute: number, atMs: number, burst = perMinute): number => {
    const known = buckets.get(caller) ?? { tokens: burst, atMs };
    // A clock that was set back refills nothing.
    return Math.min(burst, known.tokens + (Math.max(0, atMs - known.atMs) * perMinute) / MINUTE_MS);
  };
  const keep = (caller: string, tokens: number, atMs: number): void => {
    buckets.delete(caller);
    buckets.set(caller, { tokens, atMs });
    if (buckets.size > callersMax) buckets.delete(buckets.keys().next().value ?? caller);
  };
  const wait = (tokens: number, perMinute: number): number =>
    tokens >= 1 ? 0 : Math.ceil(((1 - tokens) * MINUTE_MS) / perMinute);
  return {
    take(caller, perMinute, burst) {
      if (perMinute <= 0) return 0;
      const atMs = now();
      const tokens = tokensOf(caller, perMinute, atMs, burst);
      keep(caller, tokens >= 1 ? tokens - 1 : tokens, atMs);
      return wait(tokens, perMinute);
    },
    wait: (caller, perMinute) => (perMinute <= 0 ? 0 : wait(tokensOf(caller, perMinute, now()), perMinute)),
    spend(caller, perMinute) {
      if (perMinute <= 0) return;
      const atMs = now();
      keep(caller, Math.max(-perMinute, tokensOf(caller, perMinute, atMs) - 1), atMs);
    },
  };
}
