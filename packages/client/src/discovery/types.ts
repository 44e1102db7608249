import type { Announcement, Offer, ProviderIdentity, SignedIdentity, SignedOffer } from '@tributary/schemas';
import type { Link } from '../link/types.ts';

/** A verified, unexpired offer, and how to reach its provider. */
export interface KnownOffer {
  signedIdentity: SignedIdentity;
  identity: ProviderIdentity;
  identityHash: string;
  signedOffer: SignedOffer;
  offer: Offer;
  offerHash: string;
  addresses: string[];
}

/** Finds providers. Implemented over libp2p, and by programs that embed the client. */
export interface Providers {
  offers(): KnownOffer[];
  /** Asks the network again; resolves when the answer is in or the time limit has passed. */
  refresh(signal?: AbortSignal): Promise<void>;
  link(offer: KnownOffer, signal?: AbortSignal): Promise<Link>;
  /** Whether this offer may be part of a paid fan-out. */
  allowsFanOut(offer: KnownOffer): boolean;
}

/** What a node offers, as a given peer may see it; null for a node that only asks. */
export type OwnAnnouncement = (peer: string) => Announcement | null;
