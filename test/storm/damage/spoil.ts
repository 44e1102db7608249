import { cp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Random } from '../../fuzz/random.ts';
import type { Place } from './kinds.ts';

/** `flip`: one bit. `cut`: the end is gone. `missing`: all of it. `older`: a copy from before the last writes. */
export type Way = 'flip' | 'cut' | 'missing' | 'older';

/** The ways in which a place can be damaged. */
export async function waysOf(place: Place, folder: string, olderFolder: string): Promise<Way[]> {
  const isFolder = place.path.endsWith('/');
  const ways: Way[] = isFolder || place.bytes === 0 ? ['missing'] : ['flip', 'flip', 'flip', 'cut', 'missing'];
  const [now, before] = [at(folder, place), at(olderFolder, place)];
  const there = await stat(before).catch(() => null);
  if (there === null) return ways;
  if (isFolder || !(await readFile(now)).equals(await readFile(before))) ways.push('older');
  return ways;
}

const at = (folder: string, { role, path }: Place): string => join(folder, 'home', role, path);

/** Damages a place. @returns what was done, in words */
export async function spoil(place: Place, way: Way, folder: string, olderFolder: string, random: Random): Promise<string> {
  const path = at(folder, place);
  switch (way) {
    case 'flip': {
      const bytes = await readFile(path);
      const position = random.below(bytes.length);
      const bit = random.below(8);
      bytes[position]! ^= 1 << bit;
      await writeFile(path, bytes);
      return `bit ${bit} of byte ${position} of ${bytes.length} flipped`;
    }
    case 'cut': {
      const length = random.below(place.bytes);
      await truncate(path, length);
      return `cut to ${length} of ${place.bytes} bytes`;
    }
    case 'missing':
      await rm(path, { recursive: true });
      return 'removed';
    case 'older':
      await rm(path, { recursive: true });
      await cp(at(olderFolder, place), path, { recursive: true, preserveTimestamps: true });
      return 'replaced by an older copy';
  }
}
