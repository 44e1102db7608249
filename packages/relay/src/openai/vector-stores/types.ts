import { z } from 'zod';
import { attributeCharsMax, attributeKeyCharsMax, attributesMax } from '../limits.ts';

const key = z
  .string()
  .min(1)
  .max(attributeKeyCharsMax)
  .refine((name) => name.isWellFormed() && !name.startsWith('$') && name !== '__proto__', "must not start with '$'");
const words = z
  .string()
  .max(attributeCharsMax)
  .refine((text) => text.isWellFormed(), 'must not contain lone surrogates');
const few = (value: object): boolean => Object.keys(value).length <= attributesMax;

/** Metadata of a vector store. */
export const storeMetadata = z.record(key, words).refine(few, `at most ${attributesMax} pairs`);
/** Attributes of a file in a vector store: the metadata of its records. */
export const attributes = z
  .record(key, z.union([words, z.number(), z.boolean()]))
  .refine(few, `at most ${attributesMax} attributes`);
export type Attributes = z.output<typeof attributes>;

export const STATUSES = ['in_progress', 'completed', 'failed', 'cancelled'] as const;
export type Status = (typeof STATUSES)[number];

/** Row of a vector store. */
export const storeRow = z.strictObject({
  id: z.string(),
  /** Name of its index. */
  index: z.string(),
  /** An index that is being created or removed is removed at the next start. */
  state: z.enum(['making', 'ready', 'removing']),
  name: z.string(),
  description: z.string(),
  metadata: storeMetadata.nullable(),
  /** Unix milliseconds. */
  created: z.number().int(),
  active: z.number().int(),
});
export type StoreRow = z.output<typeof storeRow>;

/** Row of a file in a vector store; its key is `STORE/FILE`. */
export const entryRow = z.strictObject({
  id: z.string(),
  store: z.string(),
  /** Name of its document in the index. */
  document: z.string(),
  filename: z.string(),
  mediaType: z.string(),
  status: z.enum(STATUSES),
  attributes: attributes.nullable(),
  chunkTokens: z.number().int(),
  /** did:key of the writer who signs its records; null: the owner. */
  writer: z.string().nullable().default(null),
  created: z.number().int(),
  usage: z.number().int(),
  error: z.strictObject({ code: z.enum(['server_error', 'unsupported_file', 'invalid_file']), message: z.string() }).nullable(),
});
export type EntryRow = z.output<typeof entryRow>;

export const batchRow = z.strictObject({
  id: z.string(),
  store: z.string(),
  files: z.array(z.string()),
  cancelled: z.boolean(),
  created: z.number().int(),
});
export type BatchRow = z.output<typeof batchRow>;

/** The request to add a file to a store. */
export interface NewEntry {
  file: string;
  attributes: Attributes | null;
  /** Null: the model's window. */
  chunkTokens: number | null;
}

export type Counts = Record<Status | 'total', number>;

export function countsOf(statuses: readonly Status[]): Counts {
  const counts: Counts = { in_progress: 0, completed: 0, failed: 0, cancelled: 0, total: statuses.length };
  for (const status of statuses) counts[status] += 1;
  return counts;
}
