import type { Announcement } from '@tributary/schemas';
import { ClientError } from '../errors.ts';
import type { Link } from '../link/types.ts';
import type { Node } from '../transport/libp2p-node.ts';
import type { Directory } from './directory.ts';
import { discoveryIntervalMs, discoveryPeersMax, discoveryPeerTimeoutMs } from './limits.ts';

export interface DiscoverOptions {
  node: Pick<Node, 'peerId' | 'dial'>;
  directory: Directory;
  /** Addresses to try: bootstrap nodes and neighbours on this machine. Asked anew each round. */
  addresses(): Promise<string[]>;
  /** What this node offers itself; null for a node that only asks. */
  own(): Announcement | null;
}

/** Keeps the directory fresh: dials, announces, asks each peer what it knows, dials the providers it hears of. */
export interface Discovery {
  /** One round now; concurrent calls share it. */
  round(): Promise<void>;
  start(): void;
  stop(): void;
}

export function createDiscovery(options: DiscoverOptions): Discovery {
  let running: Promise<void> | null = null;
  let timer: NodeJS.Timeout | null = null;
  const round = () => (running ??= runRound(options).finally(() => (running = null)));
  return {
    round,
    start: () => {
      timer ??= setInterval(() => void round().catch(() => undefined), discoveryIntervalMs);
    },
    stop: () => {
      if (timer) clearInterval(timer);
      timer = null;
    },
  };
}

async function runRound(options: DiscoverOptions): Promise<void> {
  const given = await options.addresses();
  const heard = options.directory.announcements().flatMap(({ addresses }) => addresses.slice(0, 1));
  const targets = [...new Set([...given, ...heard])]
    .filter((address) => !address.includes(options.node.peerId))
    .slice(0, discoveryPeersMax);
  await Promise.allSettled(targets.map((target) => meet(options, target)));
}

/** A peer that cannot be reached or breaks a rule is passed over: the next round tries again. */
async function meet(options: DiscoverOptions, target: string): Promise<void> {
  const link = await withTimeout(options.node.dial(target));
  await exchange(options, link);
}

/** Tells a peer what this node offers and learns what the peer knows. */
export async function exchange(options: Pick<DiscoverOptions, 'directory' | 'own'>, link: Link): Promise<void> {
  const own = options.own();
  if (own) await link.call('announce', own, { timeoutMs: discoveryPeerTimeoutMs });
  const { announcements } = await link.call('directory', {}, { timeoutMs: discoveryPeerTimeoutMs });
  for (const announcement of announcements) options.directory.learn(announcement, link.peer);
}

/** The dial itself goes on, since others may wait for the same peer; only this round gives up on it. */
async function withTimeout<T>(promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new ClientError('LINK_CLOSED', 'no connection in time')), discoveryPeerTimeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
