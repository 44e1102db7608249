import { BlockList, isIP } from 'node:net';

/** Networks whose addresses mean a different machine to each node, by name. */
const PRIVATE: readonly (readonly [string, readonly (readonly [string, number])[]])[] = [
  [
    'loopback',
    [
      ['127.0.0.0', 8],
      ['::1', 128],
    ],
  ],
  ['10/8', [['10.0.0.0', 8]]],
  ['172.16/12', [['172.16.0.0', 12]]],
  ['192.168/16', [['192.168.0.0', 16]]],
  ['100.64/10', [['100.64.0.0', 10]]],
  [
    'link',
    [
      ['169.254.0.0', 16],
      ['fe80::', 10],
    ],
  ],
  ['fc00::/7', [['fc00::', 7]]],
];
/** Networks in which no node can be reached: this host, multicast, reserved, documentation, IPv4 carried in IPv6. */
const NOWHERE: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8], ['192.0.0.0', 24], ['192.0.2.0', 24], ['198.18.0.0', 15], ['198.51.100.0', 24], ['203.0.113.0', 24],
  ['224.0.0.0', 3], ['::', 128], ['64:ff9b::', 32], ['100::', 64], ['2001:db8::', 32], ['2002::', 16], ['ff00::', 8],
]; // prettier-ignore

const family = (host: string) => (isIP(host) === 6 ? 'ipv6' : 'ipv4');
function listOf(networks: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList();
  for (const [network, bits] of networks) list.addSubnet(network, bits, family(network));
  return list;
}
const nowhere = listOf(NOWHERE);
/** Matches an IPv6 address only if it is a mapped IPv4 address. */
const mapped = listOf([['0.0.0.0', 0]]);
const ranges = PRIVATE.map(([name, networks]) => ({ name, list: listOf(networks) }));

/**
 * The private range of an IP address, 'public', or null when no node can be reached there.
 *
 * @internal exported for its tests
 */
export function rangeOf(host: string): string | null {
  if (isIP(host) === 0 || nowhere.check(host, family(host))) return null;
  if (isIP(host) === 6 && mapped.check(host, 'ipv6')) return null;
  return ranges.find(({ list }) => list.check(host, family(host)))?.name ?? 'public';
}

const HEARD = /^\/(ip4|ip6)\/([0-9a-fA-F.:]{2,45})\/tcp\/([1-9]\d{0,4})\/p2p\/([1-9A-HJ-NP-Za-km-z]{1,128})$/;

/** The peer id at the end of an address, if it has one. */
export function peerIdIn(address: string): string | undefined {
  return /\/p2p\/([^/]+)$/.exec(address)?.[1];
}

/**
 * Whether an address named by a peer may be dialled. It must be an IP address with a TCP port and a peer id (`peer`, if
 * that one is wanted). An address in a private range is allowed only if the peer that named it is reached in the same
 * range. Otherwise a stranger could make a node connect to its own machine and network. A DNS name is never dialled,
 * because it can resolve to anything.
 *
 * @param teller IP address of the other end of the connection over which the address came
 */
export function mayDial(address: unknown, teller: string | undefined, peer?: string): address is string {
  const [, kind, host = '', port, id] = typeof address === 'string' ? (HEARD.exec(address) ?? []) : [];
  if (isIP(host) !== (kind === 'ip6' ? 6 : 4) || Number(port) > 65_535 || (peer !== undefined && id !== peer)) return false;
  const range = rangeOf(host);
  return range === 'public' || (range !== null && teller !== undefined && range === rangeOf(teller));
}
