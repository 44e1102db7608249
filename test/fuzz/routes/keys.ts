import { askNode } from '@tributary/relay/local';
import type { GatewayRoute } from '@tributary/relay/testing';
import type { ApiKeyTerms, Permission } from '@tributary/schemas';
import type { Random } from '../random.ts';

/** Whose key a request has, and how often. */
const KINDS = {
  good: 0.76,
  none: 0.04,
  wrong: 0.05,
  revoked: 0.03,
  expired: 0.02,
  unpermitted: 0.03,
  elsewhere: 0.03,
  writer: 0.02,
  spent: 0.02,
} as const;
export type KeyKind = keyof typeof KINDS;

export interface FuzzKeys {
  /** The key of the fuzz itself, for everything. */
  readonly good: string;
  /** The token of a kind for a route, null for none. */
  tokenOf(kind: KeyKind, route: GatewayRoute, random: Random): string | null;
}

const ANY: ApiKeyTerms = {
  name: 'fuzz',
  permissions: ['read', 'write', 'admin'],
  indexes: ['*'],
  budget: { total: null, perDay: null },
  rate: null,
  writer: null,
  expiresAt: null,
};
const ALL: readonly Permission[] = ['read', 'write', 'admin'];

/** Makes the keys of a running node, through its admin socket. */
export async function makeKeys(dataDirectory: string, writer: string): Promise<FuzzKeys> {
  const make = (terms: Partial<ApiKeyTerms>) =>
    askNode(dataDirectory, 'keyCreate', { ...ANY, ...terms }) as Promise<{ key: string; info: { id: string } }>;
  const tokens: Record<string, string> = {};
  for (const [kind, terms] of Object.entries({
    good: {},
    elsewhere: { indexes: ['nowhere', 'vectors-*'] },
    writer: { writer },
    spent: { budget: { total: '0', perDay: null } },
    expired: { expiresAt: Date.now() + 100 },
    ...Object.fromEntries(ALL.map((lacking) => [`no-${lacking}`, { permissions: ALL.filter((one) => one !== lacking) }])),
  }))
    tokens[kind] = (await make(terms)).key;
  const revoked = await make({});
  await askNode(dataDirectory, 'keyRevoke', { id: revoked.info.id });
  return {
    good: tokens['good']!,
    tokenOf(kind, { access }, random) {
      if (kind === 'none') return null;
      if (kind === 'revoked') return revoked.key;
      if (kind === 'unpermitted') return tokens[access === 'public' ? 'good' : `no-${access.permission}`]!;
      return kind === 'wrong' ? wrongOf(random, tokens['good']!) : tokens[kind]!;
    },
  };
}

/** Not a key, but what a header may hold. */
function wrongOf(random: Random, key: string): string {
  const at = random.below(key.length);
  const other = key[at] === 'a' ? 'b' : 'a';
  return random.pick([
    key.slice(0, -1),
    key.slice(0, at) + other + key.slice(at + 1),
    `pcsk_${random.below(1_000)}`,
    'x'.repeat(4_000),
  ]);
}

export function drawKind(random: Random): KeyKind {
  let left = random.below(100) / 100;
  for (const [kind, share] of Object.entries(KINDS)) {
    if (left < share) return kind as KeyKind;
    left -= share;
  }
  return 'good';
}

/** The statuses with which a route refuses such a key; undefined when it lets it in. */
export function refusalOf(kind: KeyKind, { access }: GatewayRoute): number | undefined {
  if (access === 'public') return undefined;
  if (['none', 'wrong', 'revoked', 'expired'].includes(kind)) return 401;
  if (kind === 'unpermitted') return 403;
  if (kind === 'elsewhere' && access.index !== undefined) return 403;
  return undefined;
}
