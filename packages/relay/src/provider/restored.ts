import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openFolderParts, readSealed, renewKey, sealNext, type FolderParts } from '@tributary/runtime';
import { text, timeMs, TributaryError } from '@tributary/schemas';
import { z } from 'zod';
import { RelayError } from '../errors.ts';

const markSchema = z.strictObject({
  v: z.literal(1),
  type: z.literal('tributary/restored'),
  restoredAt: timeMs,
  /** `rehearsal`: announced to nobody. `live`: the owner declared that this copy replaces the original. */
  state: z.enum(['rehearsal', 'live']),
  /** Names of the indexes that were listed in the backup. They are private until the copy is live. */
  listed: z.array(text(128)).max(100_000),
});

/** The mark of a data folder that was restored from a backup. */
export type RestoreMark = z.infer<typeof markSchema>;

const MARK = 'restored.json';
const pathOf = (dataDirectory: string): string => join(dataDirectory, MARK);

/**
 * Reads the mark of a restored copy; null for a folder that is none.
 *
 * @throws RelayError CONFIG, TributaryError FILE_DAMAGED when the mark cannot be read, because such a copy must not
 * pass
 *   for the original
 * @internal exported for its tests
 */
export async function readRestoreMark(dataDirectory: string): Promise<RestoreMark | null> {
  const sealed = await readSealed(pathOf(dataDirectory));
  if (sealed === null) return null;
  const mark = markSchema.safeParse(sealed.value);
  if (mark.success) return mark.data;
  throw new RelayError('CONFIG', `${pathOf(dataDirectory)} is no mark of a restored copy; restore the backup again`);
}

/**
 * Makes a copied data folder a rehearsal. It gets a new receipt key, because receipts numbered again under the old one
 * would prove fraud. A mark keeps the copy from being announced.
 */
export async function markRestored(
  dataDirectory: string,
  now: number,
  randomBytes: (length: number) => Uint8Array,
): Promise<void> {
  await writeMark(dataDirectory, { v: 1, type: 'tributary/restored', restoredAt: now, state: 'rehearsal', listed: [] });
  await renewKey(dataDirectory, 'receipt', randomBytes);
  const parts = await openFolderParts(dataDirectory);
  await parts.expect(MARK);
  await parts.close();
}

/**
 * Declares that the copy replaces the original from the next start on.
 *
 * @throws TributaryError USAGE
 */
export async function goLive(dataDirectory: string): Promise<void> {
  const mark = await readRestoreMark(dataDirectory);
  if (mark === null)
    throw new TributaryError('USAGE', `${dataDirectory} is not a restored copy, or it is already live; there is nothing to do`);
  await writeMark(dataDirectory, { ...mark, state: 'live' });
}

/** The part of a store that decides which indexes are visible. */
interface VisibleIndexes {
  indexes(): { name: string; visibility: 'listed' | 'private' }[];
  index(name: string): { setVisibility(visibility: 'listed' | 'private'): Promise<unknown> };
}

/**
 * Runs when a node starts. In a rehearsal it makes every index private; in a copy that went live it lists the indexes
 * again that the backup had listed. Each step may be repeated after a crash.
 *
 * @returns the state of the copy; null when the folder is none, or its mark is already removed
 */
export async function applyRestoreMark(
  dataDirectory: string,
  parts: FolderParts,
  store: VisibleIndexes,
): Promise<RestoreMark['state'] | null> {
  await parts.expect(MARK);
  const mark = await readRestoreMark(dataDirectory);
  if (mark === null) return null;
  const known = new Set(store.indexes().map(({ name }) => name));
  if (mark.state === 'live') {
    for (const name of mark.listed) if (known.has(name)) await store.index(name).setVisibility('listed');
    return 'live';
  }
  const listed = store.indexes().filter(({ visibility }) => visibility === 'listed');
  if (listed.length > 0) {
    const names = [...new Set([...mark.listed, ...listed.map(({ name }) => name)])];
    await writeMark(dataDirectory, { ...mark, listed: names });
    for (const { name } of listed) await store.index(name).setVisibility('private');
  }
  return 'rehearsal';
}

/**
 * Removes the mark of a restored copy. To be called once the node's identity, newer than the original's, is on disk.
 */
export async function forgetRestoreMark(dataDirectory: string, parts: FolderParts): Promise<void> {
  await parts.forget(MARK);
  await rm(pathOf(dataDirectory), { force: true });
}

const writeMark = (dataDirectory: string, mark: RestoreMark): Promise<void> => sealNext(pathOf(dataDirectory), mark);
