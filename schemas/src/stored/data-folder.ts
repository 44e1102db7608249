import { z } from 'zod';
import { count, hash } from '../primitives.ts';

/** A file of the data folder with a checksum (docs/spec/data-folder.md). */
export const sealedFile = z.strictObject({ version: count, checksum: hash, value: z.json() });

/** What a data folder holds. */
export const dataFolderManifest = z.strictObject({
  type: z.literal('tributary/data-folder'),
  /** SHA-256 of each key, in hex. Keys of writers are named after their fingerprints. */
  keys: z.record(z.string().regex(/^(writers\/)?[A-Za-z0-9]{1,64}$/), hash),
  /** Version of each part when it was noted last. */
  parts: z.record(z.string().min(1).max(1_024), count),
});
