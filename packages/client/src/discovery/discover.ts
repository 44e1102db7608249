import { createLru } from '@tributary/proof/primitives';
import type { Announcement } from '@tributary/schemas';
import { ClientError } from '../errors.ts';
import type { OwnAnnouncement } from './types.ts';
import { systemClock, type Clock } from '../clock.ts';
import type { Link } from '../link/types.ts';
import { mayDial, peerIdIn } from '../network/addresses.ts';
import type { Node } from '../network/libp2p-node.ts';
import type { Directory } from './directory.ts';
import {
  discoveryIntervalMs,
  discoveryPeersMax,
  discoveryPeerTimeoutMs,
  tellTimeoutMs,
  heardDialsMax,
  heardFailuresMax,
  heardPauseMs,
  heardPauseMsMax,
} from './limits.ts';

export interface DiscoverOptions {
  node: Pick<Node, 'peerId' | 'dial' | 'links' | 'linked'>;
  directory: Directory;
  /** Addresses that this node was given: bootstrap nodes and nodes on this machine. Read again in each round. */
  addresses(): Promise<string[]>;
  own: OwnAnnouncement;
  /** Unix milliseconds. */
  now(): number;
  clock?: Clock;
}

/**
 * Keeps the directory fresh: contacts the given nodes, the known ones and those that others name. On each link both
 * sides announce what they offer.
 */
export interface Discovery {
  /** Runs one round now. Concurrent calls share it. */
  round(): Promise<void>;
  start(): void;
  /** Announces to every linked peer what this node offers now, and waits a moment for them to receive it. */
  tell(): Promise<void>;
  /** Ends the rounds and tells every linked peer that this node offers nothing any more. */
  stop(): Promise<void>;
}

interface State extends Required<DiscoverOptions> {
  /** The addresses of others that each peer sent last. */
  readonly heard: Map<string, string[]>;
  /** Addresses that did not answer: when, and how long they are not tried again. */
  readonly failed: ReturnType<typeof createLru<string, { at: number; pauseMs: number }>>;
}

export function createDiscovery(options: DiscoverOptions): Discovery {
  const state: State = { clock: systemClock, ...options, heard: new Map(), failed: createLru(heardFailuresMax) };
  let running: Promise<void> | null = null;
  let stopTimer: (() => void) | null = null;
  const round = () => (running ??= runRound(state).finally(() => (running = null)));
  const again = (): void => {
    stopTimer = state.clock.after(discoveryIntervalMs, () => {
      again();
      void round().catch(() => undefined);
    });
  };
  return {
    round,
    start: () => void (stopTimer ?? again()),
    tell: () => tell(state, (announcement) => announcement),
    async stop() {
      stopTimer?.();
      stopTimer = null;
      await tell(state, (announcement) => ({ ...announcement, offers: [] }));
    },
  };
}

/** First the given and the known nodes, then those that these named. */
async function runRound(state: State): Promise<void> {
  const { node, directory } = state;
  const given = (await state.addresses()).filter((address) => peerIdIn(address) !== node.peerId);
  const known = directory.peers().filter((peer) => node.linked(peer));
  const met = new Set(given.map((address) => peerIdIn(address)));
  const first = [...new Set([...given, ...known.filter((peer) => !met.has(peer))])].slice(0, discoveryPeersMax);
  await Promise.allSettled(first.map((target) => meet(state, target)));
  await Promise.allSettled(toDial(state).map((address) => meetHeard(state, address)));
}

/** A peer that cannot be reached or breaks a rule is skipped. The next round tries again. */
async function meet(state: State, target: string): Promise<void> {
  const link = await withTimeout(state, state.node.dial(target));
  state.heard.set(link.peer, await exchange(state, link));
}

/**
 * Addresses named by others whose peer was not contacted yet. They are taken in turn, one per naming peer, so that none
 * crowds out the rest.
 */
function toDial({ node, directory, heard, failed, now }: State): string[] {
  for (const teller of heard.keys()) if (!node.linked(teller)) heard.delete(teller);
  const spoken = new Set(directory.peers());
  const lists = [...heard.values()];
  const longest = Math.max(0, ...lists.map((list) => list.length));
  const inTurn = Array.from({ length: longest }, (_, at) => lists.flatMap((list) => list.slice(at, at + 1))).flat();
  const news = inTurn.filter((address) => {
    const peer = peerIdIn(address)!;
    // A link that came too late for its round has announced nothing yet.
    const met = node.linked(peer) && spoken.has(peer);
    return peer !== node.peerId && !met && !rests(failed.get(address), now());
  });
  return [...new Set(news)].slice(0, heardDialsMax);
}

/** A clock that was set back ends the pause and must not extend it. */
const rests = (failure: { at: number; pauseMs: number } | undefined, now: number): boolean =>
  failure !== undefined && now >= failure.at && now < failure.at + failure.pauseMs;

/**
 * An address that does not answer is left alone for longer and longer, so that a liar cannot make every node dial a
 * stranger.
 */
async function meetHeard(state: State, address: string): Promise<void> {
  const { failed, now } = state;
  try {
    await meet(state, address);
    failed.delete(address);
  } catch (error) {
    const pauseMs = Math.min((failed.get(address)?.pauseMs ?? heardPauseMs / 2) * 2, heardPauseMsMax);
    failed.set(address, { at: now(), pauseMs });
    throw error;
  }
}

/**
 * Both sides announce what they offer. Returns the addresses that the peer sent and that may be dialled.
 *
 * @internal exported for its tests
 */
export async function exchange({ directory, own }: Pick<DiscoverOptions, 'directory' | 'own'>, link: Link): Promise<string[]> {
  const wait = { timeoutMs: discoveryPeerTimeoutMs };
  const { announcement } = await link.call('announce', { announcement: own(link.peer) }, wait);
  await directory.hear(announcement, link);
  const { addresses } = await link.call('peers', {}, wait);
  return addresses.filter((address) => mayDial(address, link.host));
}

async function tell({ node, own }: State, what: (own: Announcement) => Announcement): Promise<void> {
  const said = node.links().map(async (link) => {
    const announcement = own(link.peer);
    if (announcement) await link.call('announce', { announcement: what(announcement) }, { timeoutMs: tellTimeoutMs });
  });
  await Promise.allSettled(said);
}

/** The dial itself goes on, because others may wait for the same peer. Only this round gives up on it. */
async function withTimeout<T>({ clock }: State, promise: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const stop = clock.after(discoveryPeerTimeoutMs, () => reject(new ClientError('LINK_CLOSED', 'no connection in time')));
  try {
    return await Promise.race([promise, late]);
  } finally {
    stop();
  }
}
