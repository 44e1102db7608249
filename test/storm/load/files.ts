import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Random } from '../../fuzz/random.ts';
import type { World } from '../world/world.ts';
import type { Memory } from './types.ts';

const NAMES = Array.from({ length: 12 }, (_, at) => `f${at}.md`);
/** Files that change before a start of the provider. */
const changesMax = 6;

const textOf = (name: string, version: string): string =>
  ['One', 'Two', 'Three']
    .map((part) => `# ${part} of ${name}\n\n${`The gauge ${name} reads edition${version} at the weir. `.repeat(14)}\n`)
    .join('\n');

/** Adds, changes and removes files of the provider's folder, which its next start ingests. */
export async function changeFiles(world: World, memory: Memory, random: Random): Promise<void> {
  for (let change = 0; change < 1 + random.below(changesMax); change += 1) {
    const name = random.pick(NAMES);
    const path = join(world.documents, name);
    if (random.chance(0.2)) {
      await rm(path, { force: true });
      memory.files.delete(name);
    } else {
      const version = String((memory.version += 1));
      await writeFile(path, textOf(name, version));
      memory.files.set(name, version);
    }
  }
}

interface Listed {
  documents: { document: string; namespace: string; records: number; whole: boolean }[];
}

/** Compares the provider's index with its folder. The folder is what counts, so nothing else may be sold. */
export async function checkFiles(world: World, memory: Memory): Promise<string[]> {
  const { documents } = await world.admin<Listed>('provider', 'documents', { index: 'rivers', after: null });
  const violations: string[] = [];
  for (const name of memory.files.keys()) {
    const found = documents.find(({ document }) => document.endsWith(name));
    if (found === undefined) violations.push(`lost: file ${name} was not ingested`);
    else if (!found.whole || found.records === 0) violations.push(`partial: file ${name}: ${JSON.stringify(found)}`);
  }
  for (const { document } of documents)
    if (NAMES.some((name) => document.endsWith(name)) && ![...memory.files.keys()].some((name) => document.endsWith(name)))
      violations.push(`came back: file ${document} was removed`);
  return violations;
}

/** Files of two versions, to be compared with what is sold. */
export const editionsOf = (memory: Memory): [name: string, word: string][] =>
  [...memory.files].map(([name, version]) => [name, `edition${version}`]);
