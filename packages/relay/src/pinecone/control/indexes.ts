import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { TributaryError } from '@tributary/schemas';
import type { IndexCard } from '@tributary/store';
import { indexTagsMax } from '../limits.ts';
import { optional, readBody, readValue, unsupported } from '../parts.ts';
import type { Endpoint } from '../row.ts';
import { addressOf } from '../version.ts';
import {
  checkReadCapacity,
  protectionShape,
  readCapacityShape,
  readCreate,
  readCreateForModel,
  tagsShape,
  type AskedIndex,
} from './create-request.ts';
import { toModel, type ShownIndex } from './index-model.ts';

const path = z.object({ name: z.string().min(1).max(128) });
export const nameOf = ({ params }: FastifyRequest): string => readValue(path, params).name;

const shape = (index: ShownIndex, _: unknown, request: FastifyRequest) => toModel(index, addressOf(request));

export const createEndpoint = (model: string): Endpoint<AskedIndex, ShownIndex> => ({
  status: 201,
  parse: ({ body }) => readCreate(body ?? {}, model),
  shape,
});

export const createForModelEndpoint = (model: string): Endpoint<AskedIndex, ShownIndex> => ({
  status: 201,
  parse: ({ body }) => readCreateForModel(body ?? {}, model),
  shape,
});

export const listIndexesEndpoint: Endpoint<null, ShownIndex[]> = {
  parse: () => null,
  shape: (indexes, _, request) => ({ indexes: indexes.map((index) => toModel(index, addressOf(request))) }),
};

export const describeEndpoint: Endpoint<string, ShownIndex> = { parse: nameOf, shape };

export const removeEndpoint: Endpoint<string, string> = { status: 202, parse: nameOf, shape: () => undefined };

const configureBody = z.strictObject({
  tags: optional(tagsShape),
  deletion_protection: optional(protectionShape),
  read_capacity: optional(readCapacityShape),
  spec: optional(
    z.strictObject({
      serverless: optional(z.strictObject({ read_capacity: optional(readCapacityShape) })),
      pod: z.unknown().optional(),
    }),
  ),
  embed: z.unknown().optional(),
  deployment: z.unknown().optional(),
  schema: z.unknown().optional(),
});

export interface AskedChange {
  name: string;
  tags: Record<string, string>;
  protection: boolean | undefined;
}

export const configureEndpoint: Endpoint<AskedChange, ShownIndex> = {
  status: 202,
  parse(request) {
    const { tags = {}, deletion_protection, spec, ...asked } = readBody(configureBody, request);
    if (spec?.pod != null || asked.deployment != null) unsupported('pods: an index has no replicas to set');
    if (asked.embed != null || asked.schema != null) unsupported('another model or schema for an index; make a new one');
    checkReadCapacity(asked.read_capacity ?? spec?.serverless?.read_capacity);
    return { name: nameOf(request), tags, protection: deletion_protection && deletion_protection === 'enabled' };
  },
  shape,
};

/**
 * The card after a change: tags are merged, and an empty tag is removed.
 *
 * @throws TributaryError INPUT_SHAPE
 */
export function changedCard(present: IndexCard, { tags, protection }: Omit<AskedChange, 'name'>): Partial<IndexCard> {
  const merged = Object.entries({ ...present.tags, ...tags }).filter(([key]) => tags[key] !== '');
  if (merged.length > indexTagsMax)
    throw new TributaryError('INPUT_SHAPE', `tags: an index has at most ${indexTagsMax} tags; it would have ${merged.length}`);
  return { tags: Object.fromEntries(merged), protected: protection ?? present.protected };
}
