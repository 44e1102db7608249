import type { GatewayIndex, OwnIndex } from '@tributary/schemas';
import { z } from 'zod';
import { tool } from './tool.ts';

const listed = z.object({
  name: z.string(),
  id: z.string(),
  title: z.string(),
  description: z.string(),
  licence: z.string(),
  records: z.number(),
  /** True for an index of this node, which is asked free of charge. */
  own: z.boolean(),
  /** did:key of its owner; null for an own index. */
  provider: z.string().nullable(),
  model: z.string().nullable(),
  dimension: z.number(),
  metric: z.string(),
  /** Null: free. */
  price: z
    .object({ base: z.string(), perResult: z.string(), perKiB: z.string(), empty: z.string(), unit: z.string() })
    .nullable(),
});
export const indexShape = listed;
export type ListedIndex = z.output<typeof listed>;

export const listIndexes = tool({
  name: 'list_indexes',
  title: 'List indexes',
  description: 'Lists the indexes that can be asked: title, licence, number of records, price, owner.',
  input: z.object({}),
  output: z.object({ indexes: z.array(listed) }),
  annotations: { readOnlyHint: true, openWorldHint: false },
  async run(_asked, { toolkit }) {
    return { indexes: listOf(await toolkit.library.indexes()) };
  },
});

/** Own indexes first. An own index that is also on offer is listed once. */
export function listOf({ offers, own }: { offers: GatewayIndex[]; own: OwnIndex[] }): ListedIndex[] {
  const mine = new Set(own.map(({ id }) => id));
  return [...own.map(ofOwn), ...offers.filter(({ id }) => !mine.has(id)).map(ofOffer)];
}

const ofOwn = ({ name, id, title, description, licence, records, model, dimension, metric }: OwnIndex): ListedIndex => ({
  name,
  id,
  title,
  description,
  licence,
  records,
  model,
  dimension,
  metric,
  own: true,
  provider: null,
  price: null,
});

const ofOffer = (index: GatewayIndex): ListedIndex => {
  const { name, id, title, description, licence, records, provider, model, dimension, metric, price } = index;
  return { name, id, title, description, licence, records, provider, model, dimension, metric, price, own: false };
};
