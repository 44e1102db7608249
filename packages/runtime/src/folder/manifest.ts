import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { checkShape, dataFolderManifest, TributaryError } from '@tributary/schemas';
import { readSealed, writeSealed } from '../sealed-file.ts';

/** What a data folder holds (docs/spec/data-folder.md). */
export interface Manifest {
  readonly version: number;
  readonly keys: Readonly<Record<string, string>>;
  readonly parts: Readonly<Record<string, number>>;
}

const pathOf = (directory: string): string => join(directory, 'manifest.json');

/**
 * Null in a folder that has none.
 *
 * @throws TributaryError FILE_DAMAGED
 */
export async function readManifest(directory: string): Promise<Manifest | null> {
  const sealed = await readSealed(pathOf(directory));
  if (sealed === null) return null;
  const { keys, parts } = checkShape(dataFolderManifest, sealed.value, `the manifest ${pathOf(directory)}`);
  return { version: sealed.version, keys, parts };
}

/**
 * Writes the next version.
 *
 * @throws TributaryError DISK_WRITE
 */
export async function writeManifest(directory: string, { version, keys, parts }: Manifest): Promise<Manifest> {
  const next = { version: version + 1, keys, parts };
  await writeSealed(pathOf(directory), { version: next.version, value: { type: 'tributary/data-folder', keys, parts } });
  return next;
}

/** Of 32 random bytes, so it tells nothing about them. */
export const keyDigest = (key: Uint8Array): string => createHash('sha256').update(key).digest('hex');

export function folderError(directory: string, why: string): TributaryError {
  return new TributaryError('DATA_FOLDER', `${directory}: ${why}; restore the folder from a backup`);
}
