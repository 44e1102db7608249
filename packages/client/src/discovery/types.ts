import type { Announcement, EmbeddingOffer, Offer, ProviderIdentity, SignedIdentity, SignedOffer } from '@tributary/schemas';
import type { Link } from '../link/types.ts';

/** A provider whose identity was verified, and how to reach it. */
export interface KnownProvider {
  signedIdentity: SignedIdentity;
  identity: ProviderIdentity;
  identityHash: string;
  addresses: string[];
}

/** A verified, unexpired offer. */
interface Known<Kind> extends KnownProvider {
  signedOffer: SignedOffer;
  offer: Kind;
  offerHash: string;
}
export type KnownOffer = Known<Offer>;
/** An offer of vectors of a model. */
export type KnownEmbeddingOffer = Known<EmbeddingOffer>;

/** Finds providers. Implemented over libp2p, and by programs that embed the client. */
export interface Providers {
  offers(): KnownOffer[];
  /** Offers of embeddings. */
  embeddings(): KnownEmbeddingOffer[];
  /** Asks the network again; resolves when the answer is in or the time limit has passed. */
  refresh(signal?: AbortSignal): Promise<void>;
  link(known: KnownProvider, signal?: AbortSignal): Promise<Link>;
  /** Whether this offer may be part of a paid fan-out. */
  allowsFanOut(offer: KnownOffer): boolean;
}

/** What a node offers, as a given peer may see it; null for a node that only asks. */
export type OwnAnnouncement = (peer: string) => Announcement | null;
