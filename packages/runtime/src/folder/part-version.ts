import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFile } from '../files.ts';
import { FILES } from '../rows/connect.ts';
import { readMarker } from '../rows/marker.ts';
import { readSealed } from '../sealed-file.ts';

/**
 * How far a part has come: the last acknowledged commit of a folder of rows, the version of a sealed file. Null when
 * the part is not there.
 *
 * @throws TributaryError FILE_DAMAGED; RowsError `damaged`
 */
export async function partVersion(directory: string, part: string): Promise<number | null> {
  const path = join(directory, part);
  const facts = await stat(path).catch(() => null);
  if (facts === null) return null;
  if (!facts.isDirectory()) return (await readSealed(path))?.version ?? null;
  const marker = join(path, FILES.marker);
  return existsSync(marker) ? Number(readMarker(marker)) : null;
}

/** Syncs what {@link partVersion} reads. A marker of rows is not synced by itself; a sealed file is. */
export async function syncPartVersion(directory: string, part: string): Promise<void> {
  const marker = join(directory, part, FILES.marker);
  if (existsSync(marker)) await syncFile(marker);
}
