import { writeFile } from 'node:fs/promises';
import { format, parse } from 'node:path';
import { serializeBundle } from '@tributary/proof';
import type { Bundle } from '@tributary/schemas';
import type { Output } from '../../ui/output.ts';

/**
 * One file per index that answered. The first has the given name, the others have the number of the answer before the
 * suffix.
 */
export async function saveProofs(path: string, bundles: Bundle[], output: Output): Promise<void> {
  const { dir, name, ext } = parse(path);
  for (const [at, bundle] of bundles.entries()) {
    const file = at === 0 ? path : format({ dir, name: `${name}.${at + 1}`, ext });
    await writeFile(file, serializeBundle(bundle));
    output.note(`proof saved to ${file}; check it with: tributary verify ${file}`);
  }
}
