import { z } from 'zod';

export const PURPOSES = ['assistants', 'batch', 'evals', 'fine-tune', 'user_data', 'vision'] as const;

/** A file as stored in its row. */
export const fileRow = z.strictObject({
  id: z.string(),
  filename: z.string(),
  /** As the upload stated it. */
  mediaType: z.string(),
  bytes: z.number().int(),
  /** Hex. */
  sha256: z.string(),
  purpose: z.enum(PURPOSES),
  /** Unix milliseconds. */
  created: z.number().int(),
  /** Key that uploaded it; null when the node had no keys. */
  key: z.string().nullable(),
});
export type FileRow = z.output<typeof fileRow>;
export type Purpose = FileRow['purpose'];

/** A file as OpenAI's clients see it. */
export const fileObject = z.strictObject({
  id: z.string(),
  object: z.literal('file'),
  bytes: z.number().int(),
  created_at: z.number().int(),
  filename: z.string(),
  purpose: z.enum(PURPOSES),
  status: z.literal('processed'),
});

export const toFileObject = ({ id, bytes, created, filename, purpose }: FileRow): z.output<typeof fileObject> => ({
  id,
  object: 'file',
  bytes,
  created_at: Math.floor(created / 1_000),
  filename,
  purpose,
  status: 'processed',
});
