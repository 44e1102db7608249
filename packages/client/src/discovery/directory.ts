import { readIdentity, readOffer } from '@tributary/proof';
import {
  isTributaryError,
  type Announcement,
  type ProviderIdentity,
  type SignedIdentity,
  type SignedOffer,
} from '@tributary/schemas';
import type { KnownOffer } from '../query/types.ts';
import { hearsayPerPeerMax, knownProvidersMax, ownWordHoldsMs } from './limits.ts';

/** What a node knows of providers: verified, unexpired announcements, one per owner. */
export interface Directory {
  /** Keeps what is valid of an announcement; false when nothing is. `from` is the peer id that sent it. */
  learn(announcement: Announcement, from: string): boolean;
  /** Unexpired offers, listed and those told to this node by their own provider, by index id. */
  offers(): KnownOffer[];
  /** What may be passed on to others: listed offers only. */
  announcements(): Announcement[];
  /** Forgets what a provider said, after its link broke and nobody else vouches for it. */
  forget(peerId: string): void;
}

interface KnownProvider {
  signedIdentity: SignedIdentity;
  identity: ProviderIdentity;
  identityHash: string;
  addresses: string[];
  /** Peer that told of it; its own peer id once it has spoken for itself. */
  from: string;
  /** When it last spoke for itself, Unix milliseconds; null when it never did. */
  spokeAt: number | null;
  offers: Map<string, { signed: SignedOffer; known: KnownOffer }>;
}

/** @param self peer id of a provider whose directory this is: what others say of it is stale at best */
export function createDirectory(now: () => number, self?: string): Directory {
  const providers = new Map<string, KnownProvider>();
  return {
    learn: (announcement, from) => learn(providers, announcement, { from, self, now: now() }),
    offers: () =>
      [...providers.values()]
        .flatMap((provider) => current(provider, now()))
        .toSorted((a, b) => (a.offer.index < b.offer.index ? -1 : 1)),
    announcements: () =>
      [...providers.values()].map((provider) => toAnnouncement(provider, now())).filter(({ offers }) => offers.length > 0),
    forget: (peerId) => {
      for (const [did, provider] of providers) if (provider.identity.peerId === peerId) providers.delete(did);
    },
  };
}

function learn(
  providers: Map<string, KnownProvider>,
  announcement: Announcement,
  { from, self, now }: { from: string; self: string | undefined; now: number },
): boolean {
  const read = readValid(announcement, now);
  if (!read || read.identity.peerId === self) return false;
  const { identity, hash } = read;
  const before = providers.get(identity.did);
  if (before && before.identity.sequence > identity.sequence) return false;
  const own = identity.peerId === from;
  // Or others would bring back what it has just withdrawn.
  if (!own && before?.identityHash === hash && now - (before.spokeAt ?? -Infinity) < ownWordHoldsMs) return false;
  if (!before && !own && toldBy(providers, from) >= hearsayPerPeerMax) return false;
  const kept =
    before?.identityHash === hash && !own ? before.offers : new Map<string, { signed: SignedOffer; known: KnownOffer }>();
  const provider: KnownProvider = {
    signedIdentity: announcement.identity,
    identity,
    identityHash: hash,
    // Where a provider is reached it says itself; hearsay counts only until then.
    addresses: kept === before?.offers ? before.addresses : announcement.addresses,
    from: own ? from : (before?.from ?? from),
    spokeAt: own ? now : null,
    offers: kept,
  };
  for (const signed of announcement.offers) {
    const known = readKnown(provider, signed, now);
    if (!known || (known.offer.visibility !== 'listed' && !own)) continue;
    const older = kept.get(known.offer.index);
    if (!older || older.known.offer.issued <= known.offer.issued) kept.set(known.offer.index, { signed, known });
  }
  if (before && !own && before.identityHash === hash) before.offers = kept;
  else providers.set(identity.did, provider);
  if (providers.size > knownProvidersMax) evict(providers);
  return true;
}

/** How many providers are known from this peer's hearsay. */
function toldBy(providers: Map<string, KnownProvider>, from: string): number {
  let count = 0;
  for (const provider of providers.values()) if (provider.from === from && provider.identity.peerId !== from) count += 1;
  return count;
}

/** The oldest hearsay goes first, so that made-up identities cannot push out providers that have spoken for themselves. */
function evict(providers: Map<string, KnownProvider>): void {
  let oldest: string | undefined;
  for (const [did, { from, identity }] of providers) {
    oldest ??= did;
    if (from === identity.peerId) continue;
    oldest = did;
    break;
  }
  if (oldest !== undefined) providers.delete(oldest);
}

function readValid(announcement: Announcement, now: number): { identity: ProviderIdentity; hash: string } | null {
  try {
    const read = readIdentity(announcement.identity);
    return read.identity.expiry > now && read.identity.issued <= now + clockSkewMs ? read : null;
  } catch (error) {
    if (isTributaryError(error)) return null;
    throw error;
  }
}

/** Clocks of two machines may differ by this much. */
const clockSkewMs = 60_000;

function readKnown(provider: KnownProvider, signed: SignedOffer, now: number): KnownOffer | null {
  try {
    const { offer, hash } = readOffer(signed, { identity: provider.identity, hash: provider.identityHash });
    if (offer.expiry <= now) return null;
    const { signedIdentity, identity, identityHash, addresses } = provider;
    return { signedIdentity, identity, identityHash, addresses, signedOffer: signed, offer, offerHash: hash };
  } catch (error) {
    if (isTributaryError(error)) return null;
    throw error;
  }
}

/** An offer is worth nothing once the identity that it rests on has expired. */
function unexpired({ offers, identity }: KnownProvider, now: number) {
  return identity.expiry > now ? [...offers.values()].filter(({ known }) => known.offer.expiry > now) : [];
}

function current(provider: KnownProvider, now: number): KnownOffer[] {
  return unexpired(provider, now).map(({ known }) => known);
}

function toAnnouncement(provider: KnownProvider, now: number): Announcement {
  const listed = unexpired(provider, now).filter(({ known }) => known.offer.visibility === 'listed');
  return { identity: provider.signedIdentity, addresses: provider.addresses, offers: listed.map(({ signed }) => signed) };
}
