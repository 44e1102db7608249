import type { Connection, MultiaddrConnection } from '@libp2p/interface';
import { createLru } from '@tributary/proof/primitives';
import { nodePaidRecentMs, nodeValuedPeersMax, nodeLinklessMs } from './limits.ts';
import type { Clock } from '../clock.ts';
import type { LinkHandlers } from '../link/types.ts';
import { createHandshakes, type HandshakeLimits } from './handshakes.ts';
import { whoLeaves, type Place, type ShareLimits } from './shares.ts';

/** The connections of a node now, and what the guard has done so far. */
export interface NodeStats {
  readonly connections: number;
  /** Connections that strangers opened. */
  readonly strangers: number;
  /** Bytes held for all links. */
  readonly heldBytes: number;
  /** Handshakes that were refused. */
  readonly turnedAway: number;
  /** Connections that gave up their place to another. */
  readonly displaced: number;
}

/**
 * Distributes the connections of a node: who may start a handshake, and who gives up a place when there are too many.
 */
export interface Guard {
  /** Asked by libp2p before a handshake. True refuses it. */
  denies(incoming: MultiaddrConnection): Promise<boolean>;
  opened(connection: Connection): void;
  closed(connection: Connection): void;
  /** Notes that a link runs over this connection. */
  linked(connection: Connection): void;
  /** Whether strangers cannot take this peer's place, because it paid for an answer or the operator named it. */
  valued(peer: string): boolean;
  /** Whether somebody paid recently. */
  isPaid(): boolean;
  /** Returns the same handlers. The guard sees whom they answer and who paid. */
  watch(handlers: LinkHandlers): LinkHandlers;
  stats(): Omit<NodeStats, 'heldBytes'>;
}

export interface GuardOptions extends ShareLimits, HandshakeLimits {
  readonly valuedPeers: readonly string[];
  readonly clock: Clock;
  /** Milliseconds. Only differences count. */
  now(): number;
}

type Held = Place & { readonly connection: Connection; usefulAt: number; stopTimer: () => void };

/** Who paid, and when the last payment was. */
function createPayers({ valuedPeers, now }: Pick<GuardOptions, 'valuedPeers' | 'now'>) {
  const paid = createLru<string, true>(nodeValuedPeersMax);
  const named = new Set(valuedPeers);
  let paidAt = -Infinity;
  return {
    valued: (peer: string) => named.has(peer) || paid.get(peer) !== undefined,
    isPaid: () => now() - paidAt < nodePaidRecentMs,
    paidBy(peer: string) {
      paid.set(peer, true);
      paidAt = now();
    },
  };
}

export function createGuard(options: GuardOptions): Guard {
  const places = new Map<string, Held>();
  const { valued, isPaid, paidBy } = createPayers(options);
  /** Handshakes in progress, by the address of the other end. */
  const atWork = new Map<string, () => void>();
  // Orders events within one millisecond too.
  let turn = 0;
  const handshakes = createHandshakes(options, options.now, options.clock, isPaid);
  const done = { turnedAway: 0, displaced: 0 };
  const leave = (id: string) => {
    places.get(id)?.stopTimer();
    places.delete(id);
  };
  const drop = (connection: Connection, why: string) => {
    leave(connection.id);
    connection.abort(new Error(why));
  };
  return {
    async denies(incoming) {
      const end = String(incoming.remoteAddr);
      const handshake = handshakes.ask(hostOf(end));
      if (handshake === null) {
        done.turnedAway += 1;
        return true;
      }
      atWork.set(end, handshake.ended);
      incoming.addEventListener('close', () => {
        atWork.delete(end);
        handshake.ended();
      });
      await handshake.turn;
      return false;
    },
    opened(connection) {
      const end = String(connection.remoteAddr);
      atWork.get(end)?.();
      const outbound = connection.direction === 'outbound';
      const [peer, host] = [connection.remotePeer.toString(), hostOf(end)];
      const place: Held = { peer, host, outbound, connection, usefulAt: (turn += 1), stopTimer: () => undefined };
      places.set(connection.id, place);
      const leaving = whoLeaves([...places.values()], place, options, valued);
      place.stopTimer = options.clock.after(nodeLinklessMs, () => drop(connection, 'no link was opened'));
      if (!leaving) return;
      done.displaced += 1;
      drop(leaving.connection, 'this place is needed for another peer');
    },
    closed: ({ id }) => leave(id),
    linked: ({ id }) => places.get(id)?.stopTimer(),
    valued,
    isPaid,
    stats: () => ({
      ...done,
      connections: places.size,
      strangers: [...places.values()].filter(({ outbound, peer }) => !outbound && !valued(peer)).length,
    }),
    watch: (handlers) => ({
      ...handlers,
      async ask(ask) {
        const outcome = await handlers.ask(ask);
        if ('refusal' in outcome) return outcome;
        if (ask.head.payment !== null) paidBy(ask.peer);
        for (const place of places.values()) if (place.peer === ask.peer) place.usefulAt = turn += 1;
        return outcome;
      },
    }),
  };
}

/** IP address in a multiaddr. IPv4 is returned as IPv4 even when the socket speaks IPv6. */
export function hostOf(address: string): string {
  return /^\/ip[46]\/(?:::ffff:)?([^/]+)/.exec(address)?.[1] ?? address;
}
