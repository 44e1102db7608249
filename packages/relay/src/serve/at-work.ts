import { asksInFlightMax, asksPerPeerMax, retryPauseMs } from './limits.ts';
import { Refused, type AskOutcome } from './types.ts';

/** Questions in progress or waiting, limited in total and per peer. */
export interface AtWork {
  /** Why no further question of this peer is accepted now; null when one is. */
  refusal(peer: string): Refused | null;
  add(peer: string, work: Promise<AskOutcome>): Promise<AskOutcome>;
  /** Refuses all new questions; resolves when those in progress are answered. */
  drain(): Promise<void>;
}

export function createAtWork(): AtWork {
  const works = new Set<Promise<AskOutcome>>();
  const ofPeer = new Map<string, number>();
  let draining = false;
  const count = (peer: string, change: number): void => {
    const asks = (ofPeer.get(peer) ?? 0) + change;
    if (asks === 0) ofPeer.delete(peer);
    else ofPeer.set(peer, asks);
  };
  return {
    refusal(peer) {
      if (draining) return new Refused('SHUTTING_DOWN', 'the node is closing', retryPauseMs);
      const full = works.size >= asksInFlightMax ? `${asksInFlightMax} questions are in progress` : null;
      const share = (ofPeer.get(peer) ?? 0) >= asksPerPeerMax ? `${asksPerPeerMax} of your questions are in progress` : null;
      const what = full ?? share;
      return what === null ? null : new Refused('OVERLOADED', `${what}; ask again in a moment`, retryPauseMs);
    },
    add(peer, work) {
      works.add(work);
      count(peer, 1);
      return work.finally(() => {
        works.delete(work);
        count(peer, -1);
      });
    },
    async drain() {
      draining = true;
      await Promise.all(works);
    },
  };
}
