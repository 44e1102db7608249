import { z } from 'zod';
import { apiKeyIndexesMax, apiKeyNameBytesMax, apiKeyRateMax, apiKeysMax } from '../limits.ts';
import { amount, did, hash, indexId, indexName, text, timeMs } from '../primitives.ts';

/** What a key may do, from asking to creating and deleting indexes. None includes another. */
export const PERMISSIONS = ['read', 'write', 'admin'] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** Public part of a token: 10 bytes in lower-case base32. */
export const apiKeyId = z.string().regex(/^[a-z2-7]{16}$/, 'must be the 16 characters that name a key');

const prefix = z.string().regex(/^[a-z0-9][a-z0-9-]{0,44}\*$/);
/** Every index, those with a prefix, those with a name, or one by its id. */
export const indexPattern = z.union(
  [z.literal('*'), prefix, indexName, indexId],
  "must be '*', a name, a prefix such as 'rivers-*', or name@fingerprint",
);

const permissions = z
  .array(z.enum(PERMISSIONS))
  .min(1)
  .refine(
    (given) => given.every((one, at) => at === 0 || PERMISSIONS.indexOf(one) > PERMISSIONS.indexOf(given[at - 1]!)),
    `must be some of ${PERMISSIONS.join(', ')}, in this order`,
  );
const rateNumber = z.number().int().min(1).max(apiKeyRateMax);

/** The terms that the creator of a key decides. Null: unlimited. */
export const apiKeyTerms = z.strictObject({
  name: text(apiKeyNameBytesMax).min(1),
  permissions,
  indexes: z.array(indexPattern).min(1).max(apiKeyIndexesMax),
  budget: z.strictObject({ total: amount.nullable(), perDay: amount.nullable() }),
  rate: z.strictObject({ perMinute: rateNumber, burst: rateNumber }).nullable(),
  /** did:key of the writer that the key writes as. */
  writer: did.nullable(),
  expiresAt: timeMs.nullable(),
});
export type ApiKeyTerms = z.output<typeof apiKeyTerms>;

/** A stored key (docs/spec/api-keys.md), members in this order. */
export const apiKeyRecord = z.strictObject({
  id: apiKeyId,
  name: apiKeyTerms.shape.name,
  hash,
  permissions: apiKeyTerms.shape.permissions,
  indexes: apiKeyTerms.shape.indexes,
  budget: apiKeyTerms.shape.budget,
  rate: apiKeyTerms.shape.rate,
  writer: apiKeyTerms.shape.writer,
  createdAt: timeMs,
  expiresAt: apiKeyTerms.shape.expiresAt,
  revokedAt: timeMs.nullable(),
});
export type ApiKeyRecord = z.output<typeof apiKeyRecord>;

/** First line of the key file. */
export const apiKeysDocument = z.strictObject({
  v: z.literal(1),
  type: z.literal('tributary/api-keys'),
  keys: z
    .array(apiKeyRecord)
    .max(apiKeysMax)
    .refine((keys) => new Set(keys.map(({ id }) => id)).size === keys.length, 'has an id twice'),
});
