import { ed25519PublicKey } from '@tributary/proof/primitives';
import { didFromPublicKey, makeIndexId, modelDigest } from '@tributary/proof/statements';
import {
  cardQuestions,
  dimensionMax,
  indexName,
  languageTags,
  metric,
  text,
  inWords,
  vectorKinds,
  vectorsFit,
  vectorsMisfit,
} from '@tributary/schemas';
import { join } from 'node:path';
import { readSealed, sealNext } from '@tributary/runtime';
import { z } from 'zod';
import { StoreError } from '../errors.ts';
import { attributeBytesMax, attributesMax, modelCardBytesMax, tagsMax } from '../limits.ts';
import type { ModelCard } from '../embedding.ts';
import type { IndexCard, IndexSettings, NewIndex } from '../types.ts';

/** Version of `index.json` (docs/spec/store.md). */
const FORMAT = 1;
/** The card of an undeclared model (docs/spec/snapshot.md). */
const UNSPECIFIED: ModelCard = { id: 'unspecified' };

const cardShape = { title: text(256), description: text(2_048), licence: text(1_024), author: text(512).nullable() };
/** Missing in files of earlier versions. */
const labelShape = {
  questions: cardQuestions,
  tags: z.record(text(256).min(1), text(512)).refine((tags) => Object.keys(tags).length <= tagsMax, `at most ${tagsMax} tags`),
  protected: z.boolean(),
  attributes: z
    .record(text(64).min(1), text(attributeBytesMax))
    .refine((attributes) => Object.keys(attributes).length <= attributesMax, `at most ${attributesMax} attributes`),
};
// A `z.record`, not an object, because the order of the members is part of the digest.
const model = z
  .record(z.string(), z.unknown())
  .refine((card): card is ModelCard & Record<string, unknown> => text(256).min(1).safeParse(card['id']).success, 'needs an id')
  .refine(
    (card) => languageTags.optional().safeParse(card['languages']).success,
    'languages, where named, is a list of tags of BCP 47',
  )
  .refine((card) => JSON.stringify(card).length <= modelCardBytesMax, 'is too large');
const settingsShape = z
  .strictObject({
    format: z.literal(FORMAT),
    id: z.string(),
    name: indexName,
    provider: z.string(),
    dimension: z.number().int().min(0).max(dimensionMax),
    metric,
    vectors: vectorKinds.default('dense'),
    model,
    modelDigest: z.string(),
    visibility: z.enum(['private', 'listed']),
    custody: z.enum(['self', 'provider']),
    graphOn: z.enum(['pgvector']).nullable().default(null),
    created: z.number(),
    ...cardShape,
    questions: labelShape.questions.default([]),
    tags: labelShape.tags.default({}),
    protected: labelShape.protected.default(false),
    attributes: labelShape.attributes.default({}),
  })
  .refine(vectorsFit, vectorsMisfit);
const cardSchema = z.strictObject({ ...cardShape, ...labelShape }).partial();

/**
 * Settings of a new index.
 *
 * @throws StoreError INDEX_NAME, RECORD_INVALID for other fields
 */
export function newSettings(index: NewIndex, seed: Uint8Array, time: number): IndexSettings {
  if (!indexName.safeParse(index.name).success) {
    throw new StoreError(
      'INDEX_NAME',
      `'${index.name}' is not an index name: 1 to 45 of a-z, 0-9 and '-', starting and ending with a letter or digit`,
    );
  }
  const publicKey = ed25519PublicKey(seed);
  const card = index.model ?? UNSPECIFIED;
  return checkSettings({
    id: makeIndexId(index.name, publicKey),
    name: index.name,
    provider: didFromPublicKey(publicKey),
    dimension: index.dimension,
    metric: index.metric,
    vectors: index.vectors ?? 'dense',
    model: card,
    modelDigest: modelDigest(card),
    visibility: index.visibility ?? 'private',
    custody: index.custody ?? 'self',
    graphOn: index.graphOn ?? null,
    created: time,
    title: index.title ?? '',
    description: index.description ?? '',
    licence: index.licence ?? '',
    author: index.author ?? null,
    questions: index.questions ?? [],
    tags: index.tags ?? {},
    protected: index.protected ?? false,
    attributes: index.attributes ?? {},
  });
}

/**
 * Settings with another card.
 *
 * @throws StoreError RECORD_INVALID
 */
export function withCard(settings: IndexSettings, card: Partial<IndexCard>): IndexSettings {
  const result = cardSchema.safeParse(card, { error: inWords });
  if (result.success) return { ...settings, ...card };
  throw new StoreError('RECORD_INVALID', `card of index ${settings.name}: ${result.error.issues[0]?.message ?? 'wrong shape'}`);
}

function checkSettings(settings: IndexSettings): IndexSettings {
  const result = settingsShape.safeParse({ format: FORMAT, ...settings }, { error: inWords });
  if (result.success) return settings;
  const issue = result.error.issues[0];
  throw new StoreError(
    'RECORD_INVALID',
    `index ${settings.name}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? 'wrong shape'}`,
  );
}

const settingsPath = (directory: string): string => join(directory, 'index.json');

/** @throws TributaryError DISK_WRITE */
export async function writeSettings(directory: string, settings: IndexSettings): Promise<void> {
  await sealNext(settingsPath(directory), { format: FORMAT, ...settings });
}

/** @throws StoreError STORE_FORMAT, STORE_DAMAGED; TributaryError FILE_DAMAGED */
export async function readSettings(directory: string): Promise<IndexSettings> {
  const path = settingsPath(directory);
  const sealed = await readSealed(path);
  if (sealed === null) throw new StoreError('STORE_DAMAGED', `${path} is missing; restore a backup`);
  const { value } = sealed;
  const format = typeof value === 'object' && value !== null && 'format' in value ? value.format : undefined;
  if (format !== FORMAT)
    throw new StoreError('STORE_FORMAT', `${path} has format ${String(format)}; this version reads ${FORMAT}`);
  const result = settingsShape.safeParse(value, { error: inWords });
  if (!result.success || modelDigest(result.data.model) !== result.data.modelDigest) {
    throw new StoreError('STORE_DAMAGED', `${path} does not describe an index; restore a backup`);
  }
  const { format: _, ...settings } = result.data;
  return settings;
}
