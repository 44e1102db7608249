import { access, constants, stat } from 'node:fs/promises';
import { isIP } from 'node:net';
import { dirname, resolve } from 'node:path';
import { TributaryError, did } from '@tributary/schemas';

// Each function reads one argument of the command line. A wrong one is a TributaryError USAGE, exit code 2.

export function wholeNumber(name: string, text: string, { min = 0, max = Number.MAX_SAFE_INTEGER } = {}): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  const range = max === Number.MAX_SAFE_INTEGER ? (min === 0 ? '' : ` from ${min}`) : ` from ${min} to ${max}`;
  throw usage(`${name} takes a whole number${range}, not '${text}'`);
}

export const port = (name: string, text: string): number => wholeNumber(name, text, { max: 65_535 });

/** An amount of credit. */
export function credits(name: string, text: string): bigint {
  if (!/^\d{1,30}$/.test(text)) throw usage(`${name} takes a whole number of credits, not '${text}'`);
  return BigInt(text);
}

export function fraction(name: string, text: string): number {
  const value = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= 0 && value <= 1) return value;
  throw usage(`${name} takes a number from 0 to 1, not '${text}'`);
}

export function jsonObject(name: string, text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // The message below says what is expected.
  }
  throw usage(`${name} takes a JSON object, for example '{"lang":"en"}', not '${text}'`);
}

export function webAddress(name: string, text: string): string {
  if (URL.canParse(text) && /^https?:/.test(text)) return text;
  throw usage(`${name} takes a URL such as http://127.0.0.1:8787, not '${text}'`);
}

const LISTEN = /^\/(ip4|ip6|dns|dns4|dns6)\/[^/]+\/tcp\/\d{1,5}$/;
const PEER = /^\/(ip4|ip6|dns|dns4|dns6)\/([^/]+)\/tcp\/(\d{1,5})(?:\/p2p\/[1-9A-HJ-NP-Za-km-z]{40,64})?$/;

/** libp2p addresses to listen on. Default: loopback and any free port. */
export function listenAddresses(given: string[] | undefined): string[] {
  const wrong = given?.find((address) => !LISTEN.test(address));
  if (wrong !== undefined) throw usage(`--listen takes a libp2p address such as /ip4/127.0.0.1/tcp/4001, not '${wrong}'`);
  return given ?? ['/ip4/127.0.0.1/tcp/0'];
}

/**
 * Addresses of nodes: as a node prints them, the same without the peer id, or HOST:PORT. With a peer id, the node that
 * answers must prove it; without one, any node may answer.
 */
export function peerAddresses(given: string[] | undefined): string[] {
  return (given ?? []).map(peerAddress);
}

function peerAddress(text: string): string {
  const short = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]{1,253})):(\d{1,5})$/.exec(text);
  const [, ip6, name, port] = short ?? [];
  const address = short ? `/${ip6 ? 'ip6' : isIP(name!) === 4 ? 'ip4' : 'dns4'}/${ip6 ?? name}/tcp/${port}` : text;
  const [, kind, host = '', number] = PEER.exec(address) ?? [];
  const family = kind === 'ip4' ? 4 : kind === 'ip6' ? 6 : 0;
  if (kind !== undefined && isIP(host) === family && Number(number) > 0 && Number(number) <= 65_535) return address;
  throw usage(
    `--bootstrap takes an address as a node prints it at its start, such as /ip4/127.0.0.1/tcp/4001/p2p/12D3KooW… (the part from /p2p on is optional), or HOST:PORT, not '${text}'`,
  );
}

/** Fails before anything is paid if the file could not be saved later. */
export async function writablePath(name: string, path: string): Promise<void> {
  const folder = dirname(resolve(path));
  const isFolder = await stat(path).then(
    (facts) => facts.isDirectory(),
    () => false,
  );
  if (isFolder) throw usage(`${name} takes a file; ${path} is a folder`);
  await access(folder, constants.W_OK).catch(() => {
    throw usage(`${name} ${path} cannot be written: there is no folder ${folder}, or it may not be written to`);
  });
}

const usage = (message: string): TributaryError => new TributaryError('USAGE', message);

/**
 * The did:key of each owner.
 *
 * @throws TributaryError USAGE
 */
export function ownerIds(given: readonly string[] | undefined): string[] {
  for (const value of given ?? []) {
    if (!did.safeParse(value).success) throw new TributaryError('USAGE', `--allow takes the did:key of an owner, not '${value}'`);
  }
  return [...(given ?? [])];
}

/** @throws TributaryError USAGE for a role that has no ledger or wallet */
export function nodeRole(given: string | undefined, fallback: 'gateway' | 'provider'): 'gateway' | 'provider' {
  const role = given ?? fallback;
  if (role === 'provider' || role === 'gateway') return role;
  throw usage(`--role is provider or gateway, not '${role}'`);
}

/** The gateway that is asked by default. If it is not running, providers on this machine are asked directly. */
export const defaultGateway = 'http://127.0.0.1:8787';

/**
 * The API key for a gateway. It comes from the environment, because every process of the machine can read a command
 * line.
 */
export function ownKey({ TRIBUTARY_API_KEY: apiKey }: NodeJS.ProcessEnv): { apiKey?: string } {
  return apiKey === undefined || apiKey === '' ? {} : { apiKey };
}
