import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import ignore, { type Ignore } from 'ignore';

import { ignoreFileBytesMax } from '../limits.ts';

/** The .gitignore of one folder; `prefix` is that folder's path below the root, '' or ending in '/'. */
export interface IgnoreRules {
  prefix: string;
  rules: Ignore;
}

/** Reads the .gitignore of a folder if it has one that is a file of sane size. */
export async function readIgnoreRules(folder: string, prefix: string): Promise<IgnoreRules | null> {
  const path = join(folder, '.gitignore');
  try {
    const facts = await stat(path);
    if (!facts.isFile() || facts.size > ignoreFileBytesMax) return null;
    return { prefix, rules: ignore().add(await readFile(path, 'utf8')) };
  } catch {
    return null;
  }
}

/** Whether git would ignore the path (folders end in '/'): the rules of the innermost folder that say anything decide. */
export function isIgnored(stack: readonly IgnoreRules[], path: string): boolean {
  let ignored = false;
  for (const { prefix, rules } of stack) {
    const verdict = rules.test(path.slice(prefix.length));
    if (verdict.ignored) ignored = true;
    else if (verdict.unignored) ignored = false;
  }
  return ignored;
}
