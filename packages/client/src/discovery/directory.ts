import { clockSkewMs } from '@tributary/proof';
import { readEmbeddingOffer, readOffer } from '@tributary/proof/payment';
import { readIdentity } from '@tributary/proof/statements';
import { isTributaryError, signedOffer, type Offer, type ProviderIdentity, type SaidOfSelf } from '@tributary/schemas';
import type { KnownEmbeddingOffer, KnownOffer } from './types.ts';
import { systemClock } from '../clock.ts';
import { mayDial } from '../network/addresses.ts';
import { announcementBytesMax, identityLifeMsMax, knownProvidersMax, offerLifeMsMax, announcementHoldsMs } from './limits.ts';
import { createPacer } from './pacer.ts';

/**
 * The sender of an announcement: the peer id that the transport proved, and the IP address of its end of the
 * connection.
 */
export interface Speaker {
  readonly peer: string;
  readonly host?: string | undefined;
}

/**
 * What a node knows of providers: the latest verified announcement of each, while its link is open and it keeps
 * announcing.
 */
export interface Directory {
  /**
   * Replaces all that a peer announced before by what it announces now. Returns false and changes nothing when the peer
   * may not announce this.
   */
  hear(said: SaidOfSelf, from: Speaker): Promise<boolean>;
  /** Unexpired offers by index id: the listed ones, and private ones that were sent to this node. */
  offers(): KnownOffer[];
  /** Unexpired offers of embeddings. */
  embeddings(): KnownEmbeddingOffer[];
  /**
   * Peer ids of all that have announced something, including those whose announcement has ended: meeting them again
   * renews it.
   */
  peers(): string[];
  /** An address of each provider with listed offers that a node at `host` may dial. */
  addressesFor(host: string | undefined): string[];
}

export interface DirectoryOptions {
  /** Whether this node has a link with a peer. Without one the peer's announcement ends. */
  linked?(peer: string): boolean;
  /** Resolves when one more statement may be verified. */
  turn?(): Promise<void>;
}

type AnyOffer = KnownOffer | KnownEmbeddingOffer;
const isOfIndex = (known: AnyOffer): known is KnownOffer => known.offer.type === 'tributary/offer';

interface Announced {
  readonly identity: ProviderIdentity;
  readonly identityHash: string;
  readonly signedIdentity: NonNullable<SaidOfSelf>['identity'];
  readonly addresses: string[];
  /** By signature, so that a repeated statement is not verified again. */
  readonly offers: Map<string, AnyOffer>;
  readonly heardAt: number;
}

interface State extends Required<DirectoryOptions> {
  readonly announced: Map<string, Announced>;
  /** The announcement of each peer that waits to be verified. A newer one replaces it. */
  readonly pending: Map<string, SaidOfSelf>;
  now(): number;
}

export function createDirectory(now: () => number, options: DirectoryOptions = {}): Directory {
  const defaults = { linked: () => true, turn: createPacer(systemClock) };
  const state: State = { ...defaults, ...options, announced: new Map(), pending: new Map(), now };
  return {
    hear: (said, from) => hear(state, said, from),
    offers: () =>
      everyOffer(state)
        .filter(isOfIndex)
        .toSorted((a, b) => (a.offer.index < b.offer.index ? -1 : 1)),
    embeddings: () => everyOffer(state).filter((known): known is KnownEmbeddingOffer => !isOfIndex(known)),
    peers: () => [...state.announced.keys()],
    addressesFor: (host) =>
      [...standing(state)]
        .filter(([, one]) => current(one, now()).some((known) => !isOfIndex(known) || known.offer.visibility === 'listed'))
        .map(([peer, { addresses }]) => addresses.find((address) => mayDial(address, host, peer)))
        .filter((address) => address !== undefined),
  };
}

async function hear(state: State, said: SaidOfSelf, from: Speaker): Promise<boolean> {
  const { announced, pending, now } = state;
  pending.set(from.peer, said);
  try {
    const fresh = said && (await verified(state, said, from));
    if (pending.get(from.peer) !== said || (said && !fresh)) return false;
    if (fresh) announced.set(from.peer, { ...fresh, heardAt: now() });
    else announced.delete(from.peer);
    return true;
  } finally {
    if (pending.get(from.peer) === said) pending.delete(from.peer);
  }
}

/** Null when the peer may not announce this. An invalid offer is dropped without affecting the others. */
async function verified(state: State, said: NonNullable<SaidOfSelf>, from: Speaker): Promise<Omit<Announced, 'heardAt'> | null> {
  const before = state.announced.get(from.peer);
  if (!before && !hasRoom(state)) return null;
  const signed = said.offers.map((one) => signedOffer.safeParse(one).data).filter((one) => one !== undefined);
  const bytes = signed.reduce((sum, { body }) => sum + Buffer.byteLength(body), 0);
  if (bytes > announcementBytesMax) return null;
  const same = before && JSON.stringify(before.signedIdentity) === JSON.stringify(said.identity);
  if (!same) await state.turn();
  const read = same ? { identity: before.identity, hash: before.identityHash } : attempt(() => readIdentity(said.identity));
  if (!read || !maySpeak(read.identity, from.peer, state.now())) return null;
  if (before && read.identity.sequence < before.identity.sequence) return null;
  const addresses = said.addresses.filter((address) => mayDial(address, from.host, from.peer)) as string[];
  const facts = { signedIdentity: said.identity, identity: read.identity, identityHash: read.hash, addresses };
  const offers = new Map<string, AnyOffer>();
  for (const one of signed) {
    const known = same ? before.offers.get(one.signature) : undefined;
    if (known?.signedOffer.body === one.body) {
      offers.set(one.signature, { ...known, addresses });
      continue;
    }
    await state.turn();
    if (state.pending.get(from.peer) !== said) return null;
    const fresh = attempt(() => readOffer(one, read)) ?? attempt(() => readEmbeddingOffer(one, read));
    if (fresh && mayOffer(fresh.offer, state.now())) {
      const known = { ...facts, signedOffer: one, offer: fresh.offer, offerHash: fresh.hash };
      offers.set(one.signature, known as AnyOffer);
    }
  }
  return { ...facts, offers };
}

/** A peer may announce only itself, and only for a bounded time. */
function maySpeak({ peerId, issued, expiry }: ProviderIdentity, peer: string, now: number): boolean {
  return peerId === peer && expiry > now && issued <= now + clockSkewMs && expiry - now <= identityLifeMsMax;
}

function mayOffer({ issued, expiry }: Pick<Offer, 'issued' | 'expiry'>, now: number): boolean {
  return expiry > now && issued <= now + clockSkewMs && expiry - now <= offerLifeMsMax;
}

/** Peers whose announcement has ended are dropped first; the others stay. */
function hasRoom(state: State): boolean {
  const { announced } = state;
  if (announced.size < knownProvidersMax) return true;
  const here = new Set([...standing(state)].map(([peer]) => peer));
  for (const peer of announced.keys()) if (!here.has(peer)) announced.delete(peer);
  return announced.size < knownProvidersMax;
}

/** Announcements of peers that are linked and have repeated them recently. */
function standing({ announced, linked, now }: State): [string, Announced][] {
  return [...announced].filter(([peer, { heardAt }]) => linked(peer) && now() - heardAt < announcementHoldsMs);
}

/** One announcement per owner: that of its newest identity. */
function newest(state: State): Map<string, Announced> {
  const byOwner = new Map<string, Announced>();
  for (const [, one] of standing(state)) {
    const other = byOwner.get(one.identity.did);
    if (!other || other.identity.sequence < one.identity.sequence) byOwner.set(one.identity.did, one);
  }
  return byOwner;
}

const everyOffer = (state: State): AnyOffer[] => [...newest(state).values()].flatMap((one) => current(one, state.now()));

/** One offer per index and model, the newest. An offer ends with the identity that it depends on. */
function current({ offers, identity }: Announced, now: number): AnyOffer[] {
  const byName = new Map<string, AnyOffer>();
  if (identity.expiry <= now) return [];
  for (const known of offers.values()) {
    const name = isOfIndex(known) ? known.offer.index : known.offer.model.digest;
    const other = byName.get(name);
    if (known.offer.expiry > now && (!other || other.offer.issued <= known.offer.issued)) byName.set(name, known);
  }
  return [...byName.values()];
}

function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (isTributaryError(error)) return null;
    throw error;
  }
}
