import { readFile } from 'node:fs/promises';
import { count, embeddingPrice, inWords } from '@tributary/schemas';
import { z } from 'zod';
import { RelayError } from '../errors.ts';
import { policyFileBytesMax } from './limits.ts';
import { allowList, money } from './policy.ts';

const policySchema = z.strictObject({
  /** Price of a request, of each text, and of each KiB of text. A bare number is the price of each text. */
  price: z
    .union([
      money.transform((perText) => ({ base: '0', perText, perKiB: '0' })),
      z.strictObject({ base: money.default('0'), perText: money.default('0'), perKiB: money.default('0') }),
    ])
    .pipe(embeddingPrice),
  allow: allowList,
  /** Requests per minute of one voucher signer, or of one peer that asks free. 0: unlimited. */
  requestsPerMinute: count.default(0),
  /** Those of them that earn nothing. 0: unlimited. */
  unpaidPerMinute: count.default(60),
  /** K: the most that the owner risks on a channel before a voucher covers it. */
  credit: money.default('0'),
  /** Requests of one channel that may run at once. */
  maxInFlight: z.number().int().min(1).max(1_024).default(4),
});

/** The owner's terms for embeddings, signed into the offer. Amounts are in the ledger's smallest unit. */
export type EmbeddingPolicy = z.output<typeof policySchema>;

/**
 * The terms that a price or a policy file states.
 *
 * @param wish a number of credits for each text, or the path of a JSON file
 * @throws RelayError POLICY_FILE with the invalid member
 */
export async function readEmbeddingPolicy(wish: string): Promise<EmbeddingPolicy> {
  if (/^\d+$/.test(wish)) return parse({ price: wish }, `the price ${wish}`);
  const json = await readFile(wish, 'utf8').catch((cause) => {
    throw new RelayError('POLICY_FILE', `'${wish}' is no price (a whole number of credits), and no file that can be read`, {
      cause,
    });
  });
  if (json.length > policyFileBytesMax)
    throw new RelayError('POLICY_FILE', `the policy file ${wish} is longer than ${policyFileBytesMax} bytes`);
  try {
    return parse(JSON.parse(json), wish);
  } catch (cause) {
    if (cause instanceof SyntaxError) throw new RelayError('POLICY_FILE', `${wish} is not JSON: ${cause.message}`, { cause });
    throw cause;
  }
}

function parse(value: unknown, where: string): EmbeddingPolicy {
  const result = policySchema.safeParse(value, { error: inWords });
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new RelayError('POLICY_FILE', `${where}, member ${issue.path.join('.')}: ${issue.message}`);
}
