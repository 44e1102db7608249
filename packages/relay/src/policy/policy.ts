import { readFile } from 'node:fs/promises';
import { peerIdOfDid } from '@tributary/client';
import { publicKeyFromDid } from '@tributary/proof/statements';
import { z } from 'zod';
import { amount, count, price, resultsMax, sell, text, inWords } from '@tributary/schemas';
import { RelayError } from '../errors.ts';
import { policyFileBytesMax } from './limits.ts';

/** An amount as a text or a number. */
export const money = z.union([amount, z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).transform(String)]);

/** Peer ids, DIDs of peers or wallet addresses that may ask. Empty: everybody. */
export const allowList = z.array(text(256).min(1).refine(isName, 'is not the did:key of an Ed25519 key')).max(10_000).default([]);

const policySchema = z.strictObject({
  /**
   * Price in the ledger's unit: per query, per part, and of an answer without results. A bare number is the price per
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
  allow: allowList,
  /** Most results of one query. */
  topK: z.number().int().min(1).max(resultsMax).default(100),
  /** Queries per minute of one voucher signer, or of one peer that asks free. 0: unlimited. */
  queriesPerMinute: count.default(0),
  /**
   * Those of them that earn nothing: free answers, empty answers that cost nothing, and questions that fail. 0:
   * unlimited.
   */
  unpaidPerMinute: count.default(600),
  /**
   * Most distinct records that one channel may see; for a free index, that all its clients may see in one epoch. Null:
   * unlimited.
   */
  exposurePerChannel: count.min(1).nullable().default(null),
  /** Most distinct records that all clients together may see in one epoch. Null: unlimited. */
  exposurePerEpoch: count.min(1).nullable().default(null),
  epochMs: count.min(1_000).default(86_400_000),
  /**
   * Which records are sold. The last rule whose glob matches the source document applies; without a rule a record is
   * sold.
   */
  sell: z
    .array(z.strictObject({ glob: text(1_024).min(1), sell }))
    .max(1_000)
    .default([]),
  /** K: the most that the owner risks on a channel before a voucher covers it. */
  credit: money.default('0'),
  /** Queries of one channel that may run at once. */
  maxInFlight: z.number().int().min(1).max(1_024).default(64),
});

/** The owner's terms, enforced by the provider and signed into the offer. Amounts are in the ledger's smallest unit. */
export type Policy = z.output<typeof policySchema>;

/** The default policy: free, and unlimited except for `topK`. */
export function defaultPolicy(): Policy {
  return policySchema.parse({});
}

/**
 * Reads a policy file.
 *
 * @throws RelayError POLICY_FILE with the invalid member
 */
export async function readPolicy(path: string): Promise<Policy> {
  const json = await readFile(path, 'utf8').catch((cause) => {
    throw new RelayError('POLICY_FILE', `the policy file ${path} cannot be read`, { cause });
  });
  if (json.length > policyFileBytesMax)
    throw new RelayError('POLICY_FILE', `the policy file ${path} is longer than ${policyFileBytesMax} bytes`);
  return parsePolicy(json, path);
}

/** Parses a policy. Messages name `where`. */
export function parsePolicy(json: string, where: string): Policy {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new RelayError('POLICY_FILE', `${where} is not JSON: ${(cause as Error).message}`, { cause });
  }
  return checkPolicy(value, where);
}

/** Checks the value of a policy. Messages name `where`. @throws RelayError POLICY_FILE */
export function checkPolicy(value: unknown, where: string): Policy {
  const result = policySchema.safeParse(value, { error: inWords });
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new RelayError(
    'POLICY_FILE',
    `${where}${issue.path.length > 0 ? `, member ${issue.path.join('.')}` : ''}: ${issue.message}`,
  );
}

/** Whether one of the caller's names (peer id, payer) is on the allow-list. A DID stands for the peer with that key. */
export function isAllowed(policy: Pick<Policy, 'allow'>, names: readonly string[]): boolean {
  if (policy.allow.length === 0) return true;
  let allowed = allowLists.get(policy);
  if (allowed === undefined) {
    allowed = new Set(policy.allow.map((name) => (isDid(name) ? peerIdOfDid(name) : name)));
    allowLists.set(policy, allowed);
  }
  return names.some((name) => allowed.has(name));
}

const allowLists = new WeakMap<Pick<Policy, 'allow'>, Set<string>>();
const isDid = (name: string): boolean => name.startsWith('did:');

/** A name that can never match would exclude a caller whom the owner meant to allow. */
function isName(name: string): boolean {
  if (!isDid(name)) return true;
  try {
    publicKeyFromDid(name);
    return true;
  } catch {
    return false;
  }
}

/** Whether the policy sells a record of this document; null when no rule matches. */
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
