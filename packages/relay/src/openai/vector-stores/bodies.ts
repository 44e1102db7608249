import { text } from '@tributary/schemas';
import { z } from 'zod';
import { batchFilesMax } from '../limits.ts';
import { ParamError } from '../param-error.ts';
import { attributes, storeMetadata, type NewEntry } from './types.ts';

// The bodies of requests about vector stores and their files.

const NAME_BYTES_MAX = 256;
const DESCRIPTION_BYTES_MAX = 2_048;
const [CHUNK_TOKENS_MIN, CHUNK_TOKENS_MAX] = [100, 4_096];

const fileId = z.string().min(1).max(128);
const chunking = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('auto') }),
  z.strictObject({
    type: z.literal('static'),
    static: z
      .strictObject({
        max_chunk_size_tokens: z.number().int().min(CHUNK_TOKENS_MIN).max(CHUNK_TOKENS_MAX),
        chunk_overlap_tokens: z.number().int().min(0),
      })
      .refine(
        ({ max_chunk_size_tokens: most, chunk_overlap_tokens: overlap }) => overlap * 2 <= most,
        'chunk_overlap_tokens must not exceed half of max_chunk_size_tokens',
      ),
  }),
]);
/** Stores stay until they are deleted, so an expiry is refused and not ignored. */
const never = z.null('files and vector stores stay until they are deleted; leave it out').optional();

const terms = { attributes: attributes.nullish(), chunking_strategy: chunking.nullish() };
const fileIds = z.array(fileId).max(batchFilesMax);

export const createStoreBody = z.strictObject({
  name: text(NAME_BYTES_MAX).nullish(),
  description: text(DESCRIPTION_BYTES_MAX).nullish(),
  metadata: storeMetadata.nullish(),
  file_ids: fileIds.nullish(),
  chunking_strategy: chunking.nullish(),
  expires_after: never,
});
export const updateStoreBody = createStoreBody.pick({ name: true, metadata: true, expires_after: true });
export const addFileBody = z.strictObject({ file_id: fileId, ...terms });
export const attributesBody = z.strictObject({ attributes: attributes.nullable() });
export const addBatchBody = z
  .strictObject({
    file_ids: fileIds.min(1).optional(),
    files: z.array(addFileBody).min(1).max(batchFilesMax).optional(),
    ...terms,
  })
  .refine(({ file_ids: ids, files }) => (ids === undefined) !== (files === undefined), {
    path: ['file_ids'],
    error: 'give either file_ids or files',
  });

interface Terms {
  attributes?: z.output<typeof attributes> | null | undefined;
  chunking_strategy?: z.output<typeof chunking> | null | undefined;
}

export const entryOf = (file: string, { attributes: given = null, chunking_strategy: strategy }: Terms): NewEntry => ({
  file,
  attributes: given,
  chunkTokens: strategy?.type === 'static' ? strategy.static.max_chunk_size_tokens : null,
});

/** @throws ParamError INPUT_SHAPE for a file twice */
export function batchEntries({ file_ids: ids, files, ...all }: z.output<typeof addBatchBody>): NewEntry[] {
  const made = files?.map(({ file_id: file, ...own }) => entryOf(file, own)) ?? ids!.map((file) => entryOf(file, all));
  return onceEach(made);
}

/** @throws ParamError INPUT_SHAPE for a file twice */
export function onceEach(entries: NewEntry[]): NewEntry[] {
  const seen = new Set<string>();
  for (const { file } of entries) {
    if (seen.has(file)) throw new ParamError('file_ids', `file_ids: ${file} is there twice`);
    seen.add(file);
  }
  return entries;
}
