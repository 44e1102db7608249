import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ROLES, type Role } from '../world/world.ts';

/** A file or folder of a role that can be damaged. */
export interface Place {
  role: Role;
  /** The path within the role's folder. Folders end with a slash. */
  path: string;
  bytes: number;
}

/** Parts of paths that differ from world to world. */
const NAMES: readonly [RegExp, string][] = [
  [/(store\/indexes\/)[^/]+/, '$1NAME'],
  [/(policies\/)[^/]+\.json/, '$1NAME.json'],
  [/(keys\/writers\/)[^/]+/, '$1WRITER'],
  [/(wallet\/accounts\/)[^/]+/, '$1KEY'],
  [/(proofs\/).+/, '$1PROOF'],
  [/\b(?:[0-9a-f]{16,}|[a-z2-7]{16,}|[0-9a-f-]{36})\b/g, 'ID'],
  [/((?:file|vs|vsfb|batch)[-_])[A-Za-z0-9_-]+/g, '$1ID'],
];

/** The kind of a place: its path without the names of this world. */
const kindOf = ({ role, path }: Place): string =>
  `${role}/${NAMES.reduce((kind, [names, stand]) => kind.replace(names, stand), path)}`;

/** Sockets, and what SQLite makes anew at each opening, are no data. */
const isData = (path: string): boolean => !/\.sock$|-shm$/.test(path);

/** Every kind of file and folder that the roles have in a template, with the places of that kind. */
export async function kindsIn(folder: string): Promise<Map<string, Place[]>> {
  const kinds = new Map<string, Place[]>();
  for (const role of ROLES)
    for (const { path, bytes } of await walk(join(folder, 'home', role), '')) {
      const place = { role, path, bytes };
      const kind = kindOf(place);
      kinds.set(kind, [...(kinds.get(kind) ?? []), place]);
    }
  return kinds;
}

async function walk(root: string, under: string): Promise<{ path: string; bytes: number }[]> {
  const found: { path: string; bytes: number }[] = [];
  for (const entry of (await readdir(join(root, under), { withFileTypes: true })).toSorted((a, b) =>
    a.name < b.name ? -1 : 1,
  )) {
    const path = join(under, entry.name);
    if (entry.isDirectory()) {
      const within = await walk(root, path);
      if (within.length > 0) found.push({ path: `${path}/`, bytes: 0 }, ...within);
    } else if (entry.isFile() && isData(path)) found.push({ path, bytes: (await lstat(join(root, path))).size });
  }
  return found;
}
