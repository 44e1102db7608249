import { z } from 'zod';
import { metadataBytesMax, metadataKeysMax, recordTextBytesMax } from './limits.ts';
import { count, dictionary, hash, namespace, recordId, text, utf8Length } from './primitives.ts';
import { sparseVector } from './sparse.ts';

export const metadataValue = z.union([
  text(metadataBytesMax),
  z.number(),
  z.boolean(),
  z.array(text(metadataBytesMax)).max(10_000),
]);
/** Flat metadata: string, number, boolean or list of strings; no null, no nesting, no key that starts with '$'. */
export const metadata = dictionary(
  text(512)
    .min(1)
    .refine((key) => !key.startsWith('$'), "metadata keys must not start with '$'"),
  metadataValue,
)
  .refine((value) => Object.keys(value).length <= metadataKeysMax, `at most ${metadataKeysMax} metadata keys`)
  .refine(
    (value) => utf8Length(JSON.stringify(value)) <= metadataBytesMax,
    `metadata must be at most ${metadataBytesMax} bytes as JSON`,
  );

/**
 * The document that a chunk was cut from, and its place in it. `start` and `end` are UTF-8 byte offsets in the
 * extracted text.
 */
export const source = z.strictObject({
  document: text(4_096).min(1),
  uri: text(4_096).nullable(),
  title: text(4_096),
  /** Heading path of the chunk ('' if there is none). It is embedded and searched together with the text. */
  context: text(8_192),
  /** SHA-256 of the document's own bytes. */
  sha256: hash,
  start: count,
  end: count,
  page: count.nullable(),
  pageEnd: count.nullable(),
});

/** Whether a record may be sold. `never` keeps it searchable for its owner only. */
export const sell = z.enum(['full', 'never']);

/**
 * A record as its owner writes it. `vector` is optional if the index embeds the text itself or has sparse vectors only.
 */
export const recordInput = z.strictObject({
  id: recordId,
  namespace: namespace.default(''),
  text: text(recordTextBytesMax).default(''),
  vector: z.instanceof(Float32Array).optional(),
  sparse: sparseVector.nullable().default(null),
  metadata: metadata.default({}),
  source: source.nullable().default(null),
  licence: text(1_024).nullable().default(null),
  sell: sell.default('full'),
});

export type Metadata = z.infer<typeof metadata>;
export type MetadataValue = z.infer<typeof metadataValue>;
export type Source = z.infer<typeof source>;
export type Sell = z.infer<typeof sell>;
export type RecordInput = z.input<typeof recordInput>;
export type RecordFields = Required<z.output<typeof recordInput>>;

/** The text that is embedded and searched: the heading path, a blank line, and the text of the chunk. */
export function searchText(record: { text: string; source: Source | null }): string {
  return record.source?.context ? `${record.source.context}\n\n${record.text}` : record.text;
}
