import type { IndexCard, IndexSettings } from '@tributary/store';
import { z } from 'zod';

/** What Pinecone's clients said of an index and want to hear again; kept with it (docs/spec/store.md). */
const shape = z.strictObject({
  cloud: z.string(),
  region: z.string(),
  /** Member of a record whose text is embedded; null where the caller makes the vectors. */
  field: z.string().nullable(),
  /** Namespaces that were made by themselves; those with records are known without it. */
  namespaces: z.array(z.string()),
});
export type Kept = z.infer<typeof shape>;

const ATTRIBUTE = 'pinecone';
/** Id of the model of vectors that the caller makes (docs/spec/snapshot.md). */
const UNSPECIFIED = 'unspecified';

export const hasModel = ({ model }: Pick<IndexSettings, 'model'>): boolean => model.id !== UNSPECIFIED;

/** What is kept of an index; of one that was made elsewhere, what suits it. */
export function keptOf(info: Pick<IndexSettings, 'attributes' | 'model'>): Kept {
  const text = info.attributes[ATTRIBUTE];
  if (text !== undefined) return shape.parse(JSON.parse(text));
  return { cloud: 'aws', region: 'us-east-1', field: hasModel(info) ? 'text' : null, namespaces: [] };
}

/** The attributes of an index with this kept in them. */
export function toAttributes(kept: Kept, others: IndexCard['attributes'] = {}): IndexCard['attributes'] {
  return { ...others, [ATTRIBUTE]: JSON.stringify(kept) };
}
