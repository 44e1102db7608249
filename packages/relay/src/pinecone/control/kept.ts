import { StoreError, type IndexCard, type IndexSettings } from '@tributary/store';
import { z } from 'zod';

/**
 * What Pinecone's clients state about an index and expect to get back. It is stored with the index
 * (docs/spec/store.md).
 */
const shape = z.strictObject({
  cloud: z.string(),
  region: z.string(),
  /** Member of a record whose text is embedded; null when the caller computes the vectors. */
  field: z.string().nullable(),
  /** Fields of documents, as the schema of the index has them; left out for an index of vectors or of texts. */
  schema: z.record(z.string(), z.looseObject({ type: z.string().optional() })).optional(),
  /** Namespaces that were created explicitly. Those with records are known without this list. */
  namespaces: z.array(z.string()),
});
export type Kept = z.infer<typeof shape>;
export type SchemaFields = NonNullable<Kept['schema']>;

const ATTRIBUTE = 'pinecone';
/** Model id of vectors that the caller computes (docs/spec/snapshot.md). */
const UNSPECIFIED = 'unspecified';

export const hasModel = ({ model }: Pick<IndexSettings, 'model'>): boolean => model.id !== UNSPECIFIED;

/**
 * What is stored for an index; for one that was created elsewhere, matching defaults.
 *
 * @throws StoreError STORE_DAMAGED
 */
export function keptOf(info: Pick<IndexSettings, 'attributes' | 'model' | 'name'>): Kept {
  const text = info.attributes[ATTRIBUTE];
  if (text !== undefined) return readKept(text, info.name);
  return { cloud: 'aws', region: 'us-east-1', field: hasModel(info) ? 'text' : null, namespaces: [] };
}

function readKept(text: string, index: string): Kept {
  try {
    return shape.parse(JSON.parse(text));
  } catch (cause) {
    const message = `what Pinecone's clients stated about the index ${index} cannot be read; restore the data folder from a backup`;
    throw new StoreError('STORE_DAMAGED', message, { cause });
  }
}

/** The attributes of an index, including this. */
export function toAttributes(kept: Kept, others: IndexCard['attributes'] = {}): IndexCard['attributes'] {
  return { ...others, [ATTRIBUTE]: JSON.stringify(kept) };
}
