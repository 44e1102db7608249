import { noise } from '@chainsafe/libp2p-noise';
import { yamux } from '@chainsafe/libp2p-yamux';
import { generateKeyPairFromSeed, publicKeyFromRaw } from '@libp2p/crypto/keys';
import type { Connection, Stream } from '@libp2p/interface';
import { tcp } from '@libp2p/tcp';
import { tls } from '@libp2p/tls';
import { multiaddr } from '@multiformats/multiaddr';
import { createLru } from '@tributary/proof/primitives';
import { publicKeyFromDid } from '@tributary/proof/statements';
import { RELAY_PROTOCOL } from '@tributary/schemas';
import { createLibp2p, type Libp2p } from 'libp2p';
import {
  dialTimeoutMs,
  nodeConnectionsMax,
  nodeConnectionsPerHostMax,
  nodeConnectionsPerPeerMax,
  nodeInboundPerSecondMax,
  nodeInboundPerHostMax,
  nodeInboundPendingMax,
  nodeStreamsMax,
  nodeHeldBytesMax,
  nodeInboundRecordsBytesMax,
  nodeRecordsBytesMax,
  peerSilenceMs,
} from './limits.ts';
import { ClientError } from '../errors.ts';
import { joiningWrites, saveWindowUpdates } from './fewer-writes.ts';
import { libp2pByteStream, yamuxStreamOptions } from './libp2p-stream.ts';
import { createLink } from '../link/link.ts';
import { peerIdIn } from './addresses.ts';
import { systemClock, type Clock } from '../clock.ts';
import { createHeldBytes } from '../link/held-bytes.ts';
import { createStrangerPace } from '../link/pace.ts';
import type { HandshakeLimits } from './handshakes.ts';
import { createGuard, hostOf, type Guard, type NodeStats } from './guard.ts';
import { createRecordMemory } from './record-memory.ts';
import { createOpenLinks, type OpenLinks } from './open-links.ts';
import type { ShareLimits } from './shares.ts';
import type { Link, LinkHandlers, LinkLimits } from '../link/types.ts';

export interface NodeOptions {
  /** Ed25519 seed, 32 bytes. The peer id is derived from its public key. */
  readonly privateKey: Uint8Array;
  /** Multiaddrs to listen on. Default: loopback with any free port. An empty list only dials. */
  readonly listen?: readonly string[];
  /** What this node does for its peers, on links in either direction. */
  readonly handlers: LinkHandlers;
  readonly limits?: Partial<LinkLimits>;
  readonly clock?: Clock;
  /** Limits of connections and handshakes, in total and per host and peer. The defaults are in `limits.ts`. */
  readonly shares?: Partial<ShareLimits & HandshakeLimits>;
  /** Peers whose places strangers cannot take. Peers that pay join them. */
  readonly valuedPeers?: readonly string[];
  /** Local IP address to dial from. Default: chosen by the system. */
  readonly dialFrom?: string;
}

const SHARES: ShareLimits & HandshakeLimits = {
  total: nodeConnectionsMax,
  perHost: nodeConnectionsPerHostMax,
  perPeer: nodeConnectionsPerPeerMax,
  perSecond: nodeInboundPerSecondMax,
  pending: nodeInboundPerHostMax,
};

/** One libp2p host that speaks the relay protocol. */
export interface Node {
  readonly peerId: string;
  /** Multiaddrs that others can dial, peer id included. */
  addresses(): string[];
  /** Called for every link, dialled or accepted, once the peer's hello has arrived. */
  handle(onLink: (link: Link, peerId: string) => void): void;
  /** One open link for each peer that has one. */
  links(): Link[];
  linked(peerId: string): boolean;
  /**
   * The link to a peer, given as a multiaddr, or as a peer id if it was dialled before. There is one link per peer: a
   * second dial returns the first one. When both sides dial at once, each may keep the link it opened; both work.
   * @throws ClientError LINK_CLOSED when nobody answers there, LINK_PROTOCOL when a node that is not a relay answers
   */
  dial(target: string): Promise<Link>;
  stats(): NodeStats;
  close(): Promise<void>;
}

/** Peer id of an Ed25519 seed: the one that a host with this key proves. */
export async function peerIdOfSeed(seed: Uint8Array): Promise<string> {
  return (await generateKeyPairFromSeed('Ed25519', seed)).publicKey.toString();
}

/**
 * Peer id of a libp2p host with the Ed25519 key of a `did:key`.
 *
 * @throws ProofError DID_KEY
 */
export function peerIdOfDid(did: string): string {
  return publicKeyFromRaw(publicKeyFromDid(did)).toString();
}

/** Starts a host: TCP, TLS preferred to Noise (half the cost per byte), Yamux. The caller reconnects. */
export async function createNode(options: NodeOptions): Promise<Node> {
  const clock = options.clock ?? systemClock;
  const { shares, valuedPeers = [] } = options;
  const guard = createGuard({ ...SHARES, ...shares, valuedPeers, clock, now: () => performance.now() });
  const handlers = guard.watch(options.handlers);
  const held = createHeldBytes(nodeHeldBytesMax);
  const records = { outbound: createRecordMemory(nodeRecordsBytesMax), inbound: createRecordMemory(nodeInboundRecordsBytesMax) };
  const strangers = createStrangerPace(clock, guard.isPaid);
  const host = await startHost(options, guard);
  const links = createOpenLinks();
  let onLink: (link: Link, peerId: string) => void = () => undefined;

  const runLink = async (stream: Stream, connection: Connection): Promise<Link> => {
    saveWindowUpdates(stream);
    const peer = connection.remotePeer.toString();
    const valued = () => connection.direction === 'outbound' || guard.valued(peer);
    const address = hostOf(String(connection.remoteAddr));
    const memory = records[connection.direction].take();
    const link = createLink(libp2pByteStream(stream), {
      handlers,
      peer,
      host: address,
      clock,
      held,
      valued,
      strangers,
      limits: { recordsBytesMax: memory.bytes, ...options.limits },
    });
    guard.linked(connection);
    links.add(link);
    void link.closed.then((reason) => {
      memory.leave();
      // A peer that violates the protocol must start again with a handshake, which costs it more than a stream.
      if (reason.code !== 'LINK_CLOSED') connection.abort(reason);
    });
    await link.ready;
    onLink(link, peer);
    return link;
  };

  await host.handle(RELAY_PROTOCOL, (stream, connection) => void runLink(stream, connection).catch(() => undefined), {
    maxInboundStreams: nodeStreamsMax,
    maxOutboundStreams: nodeStreamsMax,
  });

  const dial = createDialer(host, links, runLink);
  return {
    peerId: host.peerId.toString(),
    addresses: () => host.getMultiaddrs().map(String),
    handle: (listener) => void (onLink = listener),
    links: () => links.onePerPeer(),
    linked: (peerId) => links.open(peerId) !== undefined,
    dial,
    stats: () => ({ ...guard.stats(), heldBytes: held.bytes }),
    async close() {
      for (const link of links.all()) link.close('the node is closing');
      await host.stop();
    },
  };
}

/** The link to a peer: an open one, one that is being opened, or a new one. */
function createDialer(
  host: Libp2p,
  links: OpenLinks,
  runLink: (stream: Stream, connection: Connection) => Promise<Link>,
): (target: string) => Promise<Link> {
  const dials = new Map<string, Promise<Link>>();
  /** The address at which each peer was dialled last. */
  const reached = createLru<string, string>(nodeConnectionsMax);
  /** The peer that answered at each address without a peer id. */
  const answered = createLru<string, string>(nodeConnectionsMax);
  const open = async (target: string): Promise<Link> => {
    const signal = AbortSignal.timeout(dialTimeoutMs);
    try {
      const connection = await host.dial(multiaddr(target), { signal });
      reached.set(connection.remotePeer.toString(), target);
      answered.set(target, connection.remotePeer.toString());
      const known = links.open(connection.remotePeer.toString());
      if (known !== undefined) {
        await known.ready;
        return known;
      }
      const stream = await connection.newStream(RELAY_PROTOCOL, { signal, maxOutboundStreams: nodeStreamsMax });
      return await runLink(stream, connection);
    } catch (error) {
      throw dialError(target, error);
    }
  };

  return async (target) => {
    const key = peerIdIn(target) ?? answered.get(target) ?? target;
    const known = links.open(key);
    if (known !== undefined) {
      await known.ready;
      return known;
    }
    // Addresses that libp2p itself has heard of are never used, because they may belong to anybody.
    const address = target.startsWith('/') ? target : reached.get(target);
    if (address === undefined) throw new ClientError('LINK_CLOSED', `no address of ${target} is known`);
    const running = dials.get(key);
    if (running !== undefined) return running;
    const dial = open(address).finally(() => dials.delete(key));
    dials.set(key, dial);
    return dial;
  };
}

async function startHost(
  { privateKey, listen = ['/ip4/127.0.0.1/tcp/0'], dialFrom }: NodeOptions,
  guard: Guard,
): Promise<Libp2p> {
  const host = await createLibp2p({
    privateKey: await generateKeyPairFromSeed('Ed25519', privateKey),
    addresses: { listen: [...listen] },
    transports: [tcp(dialFrom === undefined ? {} : { dialOpts: { localAddress: dialFrom } as object })],
    connectionEncrypters: [joiningWrites(tls()), noise()],
    streamMuxers: [yamux({ streamOptions: yamuxStreamOptions })],
    connectionGater: { denyInboundConnection: (incoming) => guard.denies(incoming) },
    connectionManager: {
      // The guard decides who stays. The library would refuse newcomers once strangers hold all places.
      maxConnections: nodeConnectionsMax + nodeInboundPendingMax,
      inboundConnectionThreshold: Number.MAX_SAFE_INTEGER,
      maxIncomingPendingConnections: nodeInboundPendingMax,
      reconnectRetries: 0,
      dialTimeout: dialTimeoutMs,
      // Each dial has one address, and may have to wait for its turn at the other end.
      addressDialTimeout: dialTimeoutMs,
      inboundUpgradeTimeout: dialTimeoutMs,
    },
    connectionMonitor: { pingTimeout: { minTimeout: peerSilenceMs } },
    start: false,
  });
  host.addEventListener('connection:open', ({ detail }) => guard.opened(detail));
  host.addEventListener('connection:close', ({ detail }) => guard.closed(detail));
  await host.start();
  return host;
}

function dialError(target: string, error: unknown): ClientError {
  if (error instanceof ClientError) return error;
  const { name, message } = error as Error;
  if (name === 'UnsupportedProtocolError') return new ClientError('LINK_PROTOCOL', `${target} is not a relay`, { cause: error });
  return new ClientError('LINK_CLOSED', `cannot reach ${target}: ${message}`, { cause: error });
}
