import { sessionIdleMs, sessionsMax } from '../limits.ts';
import { createSpendCap, type SpendCap } from './spend-cap.ts';

/** What each session of agents may spend. */
export interface SessionCaps {
  /** The cap of the session with that name; it begins with the first call and ends after a time without calls. */
  of(session: string): SpendCap;
}

/** @param cap null: no cap */
export function createSessionCaps(cap: bigint | null, now: () => number): SessionCaps {
  const open = new Map<string, { spend: SpendCap; usedAt: number }>();
  const forget = (): void => {
    for (const [name, { usedAt }] of open) if (usedAt + sessionIdleMs <= now()) open.delete(name);
    // The map keeps the order of last use, so the first is the one that was idle longest.
    for (const name of open.keys()) if (open.size >= sessionsMax) open.delete(name);
  };
  return {
    of(session) {
      const known = open.get(session);
      const live = known !== undefined && known.usedAt + sessionIdleMs > now() ? known.spend : null;
      open.delete(session);
      if (live === null) forget();
      const spend = live ?? createSpendCap(cap);
      open.set(session, { spend, usedAt: now() });
      return spend;
    },
  };
}
