import { readFile } from 'node:fs/promises';
import { peerIdOfDid } from '@tributary/client';
import { publicKeyFromDid } from '@tributary/proof/statements';
import { z } from 'zod';
import { amount, count, price, resultsMax, sell, text } from '@tributary/schemas';
import { RelayError } from '../errors.ts';
import { policyFileBytesMax } from './limits.ts';

const money = z.union([amount, z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).transform(String)]);

const policySchema = z.strictObject({
  /**
   * Price in the ledger's unit, whole and per part, and of an answer without results; a bare number is the price of a
   * query.
   */
  price: z
    .union([
      money.transform((base) => ({ base, perResult: '0', perKiB: '0', empty: '0' })),
      z.strictObject({
        base: money.default('0'),
        perResult: money.default('0'),
        perKiB: money.default('0'),
        empty: money.default('0'),
      }),
    ])
    .default({ base: '0', perResult: '0', perKiB: '0', empty: '0' })
    .pipe(price),
  /** Peer ids, DIDs of peers or wallet addresses that may ask; empty: everybody. */
  allow: z.array(text(256).min(1).refine(isName, 'is no did:key of an Ed25519 key')).max(10_000).default([]),
  /** Most results of one query. */
  topK: z.number().int().min(1).max(resultsMax).default(100),
  /** Queries per minute of one peer, and of one payer; 0: no bound. */
  queriesPerMinute: count.default(0),
  /**
   * Those of them that earn nothing: free answers, empty ones that cost nothing, and questions that fail; 0: no bound.
   */
  unpaidPerMinute: count.default(600),
  /** Distinct records that one channel may ever see; of a free index, all its askers in one epoch. Null: no bound. */
  exposurePerChannel: count.min(1).nullable().default(null),
  /** Distinct records that all clients together may see in one epoch; null: no bound. */
  exposurePerEpoch: count.min(1).nullable().default(null),
  epochMs: count.min(1_000).default(86_400_000),
  /** Which records are sold: the last rule whose glob matches the source document decides; no rule: sold. */
  sell: z
    .array(z.strictObject({ glob: text(1_024).min(1), sell }))
    .max(1_000)
    .default([]),
  /** K: what the owner risks on a channel before a voucher covers it. */
  credit: money.default('0'),
  /** Queries of one channel that may run at once. */
  maxInFlight: z.number().int().min(1).max(1_024).default(64),
});

/**
 * What an owner allows and asks, enforced at the provider and signed into the offer. Money in the ledger's smallest
 * unit.
 */
export type Policy = z.output<typeof policySchema>;

/** The policy of an owner who says nothing: free, unbounded but for `topK`. */
export function defaultPolicy(): Policy {
  return policySchema.parse({});
}

/**
 * Reads a policy file.
 *
 * @throws RelayError POLICY_FILE with the member that is wrong
 */
export async function readPolicy(path: string): Promise<Policy> {
  const json = await readFile(path, 'utf8').catch((cause) => {
    throw new RelayError('POLICY_FILE', `the policy file ${path} cannot be read`, { cause });
  });
  if (json.length > policyFileBytesMax)
    throw new RelayError('POLICY_FILE', `the policy file ${path} is longer than ${policyFileBytesMax} bytes`);
  return parsePolicy(json, path);
}

/** The same from text; `where` names it in messages. */
export function parsePolicy(json: string, where: string): Policy {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new RelayError('POLICY_FILE', `${where} is not JSON: ${(cause as Error).message}`, { cause });
  }
  const result = policySchema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new RelayError(
    'POLICY_FILE',
    `${where}${issue.path.length > 0 ? `, member ${issue.path.join('.')}` : ''}: ${issue.message}`,
  );
}

/**
 * Whether one of the callers' names (peer id, payer) is on the allow-list. A DID stands for the peer whose key it
 * names.
 */
export function isAllowed(policy: Policy, names: readonly string[]): boolean {
  if (policy.allow.length === 0) return true;
  let allowed = allowLists.get(policy);
  if (allowed === undefined) {
    allowed = new Set(policy.allow.map((name) => (isDid(name) ? peerIdOfDid(name) : name)));
    allowLists.set(policy, allowed);
  }
  return names.some((name) => allowed.has(name));
}

const allowLists = new WeakMap<Policy, Set<string>>();
const isDid = (name: string): boolean => name.startsWith('did:');

/** A name that could never match would shut out whom the owner meant. */
function isName(name: string): boolean {
  if (!isDid(name)) return true;
  try {
    publicKeyFromDid(name);
    return true;
  } catch {
    return false;
  }
}

/** What the policy says of selling a record of this source document; null when no rule matches. */
export function sellRule(policy: Policy, document: string): 'full' | 'never' | null {
  const rule = policy.sell.findLast(({ glob }) => globMatches(glob, document));
  return rule?.sell ?? null;
}

/** Globs over slash-separated paths: `*` within a part, `**` over parts, `?` one character. */
export function globMatches(glob: string, path: string): boolean {
  const pattern = glob.replaceAll(/\*\*\/?|\*|\?|[\\^$.|+()[\]{}]/g, (token) => {
    if (token.startsWith('**')) return token === '**/' ? '(?:.*/)?' : '.*';
    if (token === '*') return '[^/]*';
    return token === '?' ? '[^/]' : `\\${token}`;
  });
  return new RegExp(`^${pattern}$`, 'u').test(path);
}
