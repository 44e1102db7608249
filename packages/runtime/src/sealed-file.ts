import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { checkShape, parseJson, sealedFile, TributaryError } from '@tributary/schemas';
import { replaceFile } from './files.ts';

/** A JSON value in a file of its own, with a checksum. */
export interface Sealed {
  /** Grows with every change of the file, so that an older copy is recognised. */
  readonly version: number;
  readonly value: unknown;
}

const FILE_BYTES_MAX = 67_108_864;

/**
 * Reads a file that {@link writeSealed} wrote (docs/spec/data-folder.md); null when there is none.
 *
 * @throws TributaryError FILE_DAMAGED
 */
export async function readSealed(path: string): Promise<Sealed | null> {
  const bytes = await readBounded(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return null;
    throw damaged(path, `it cannot be read (${cause.message})`, cause);
  });
  if (bytes === null) return null;
  const sealed = parseSealed(bytes);
  if (sealed === null) throw damaged(path, 'its checksum does not match its content');
  return sealed;
}

async function readBounded(path: string): Promise<Buffer> {
  const { size } = await stat(path);
  if (size > FILE_BYTES_MAX) throw new Error(`it has ${size} bytes, more than ${FILE_BYTES_MAX}`);
  return readFile(path);
}

/**
 * Replaces the file as a whole.
 *
 * @param version must be higher than that of the file before
 * @throws TributaryError DISK_WRITE
 */
export async function writeSealed(path: string, { version, value }: Sealed): Promise<void> {
  await replaceFile(path, `${JSON.stringify({ version, checksum: checksum(version, value), value }, null, 2)}\n`);
}

/**
 * Replaces the file by its next version. A damaged file stays: a new one would look older than it was.
 *
 * @throws TributaryError FILE_DAMAGED, DISK_WRITE
 */
export async function sealNext(path: string, value: unknown): Promise<void> {
  const before = await readSealed(path);
  await writeSealed(path, { version: (before?.version ?? 0) + 1, value });
}

/**
 * Null for bytes that nobody sealed.
 *
 * @internal exported for its tests
 */
export function parseSealed(bytes: Buffer): Sealed | null {
  try {
    const { version, value, ...file } = checkShape(sealedFile, parseJson(bytes, 'the file', FILE_BYTES_MAX), 'the file');
    return file.checksum === checksum(version, value) ? { version, value } : null;
  } catch {
    return null;
  }
}

const checksum = (version: number, value: unknown): string =>
  createHash('sha256')
    .update(`${version}\n${JSON.stringify(value)}`)
    .digest('hex');

const damaged = (path: string, why: string, cause?: unknown): TributaryError =>
  new TributaryError('FILE_DAMAGED', `${path} is damaged: ${why}; restore it from a backup`, { cause });
