import { basename, relative, sep } from 'node:path';
import type { DocumentRow } from '../../disk/values.ts';
import { isWithin, type WalkedFile } from '../walk.ts';
import { isUpload } from './uploads.ts';

/** What the index knows of the documents of one namespace when an ingest begins. */
export type Ledger = ReadonlyMap<string, DocumentRow>;

/** Determines the names under which the documents of an ingest are kept. */
export interface Naming {
  /**
   * The name of a file's document and its row. A known document keeps its name. A new one gets its path below the given
   * folder, prefixed with the folder's name if another file has that path already.
   */
  claim(file: WalkedFile): { name: string; row: DocumentRow | null };
  /** True when this ingest found the document. */
  isClaimed(document: string): boolean;
}

/** @param moved given folders by their previous path */
export function createNaming(ledger: Ledger, moved: ReadonlyMap<string, string>): Naming {
  const claimed = new Set<string>();
  const byFile = new Map([...ledger].map(([document, row]) => [row.file, document]));
  const rootOf = (row: DocumentRow): string => moved.get(row.root) ?? row.root;
  const isFree = (name: string, { root, real }: WalkedFile): boolean => {
    const row = ledger.get(name);
    if (claimed.has(name)) return false;
    if (row === undefined || row.file === real || rootOf(row) === root) return true;
    // That file is in this folder too, and its name comes from there.
    return isWithin(row.file, root) && !isWithin(root, row.root);
  };
  /** A file that came in with a wider folder keeps its name, because the owner's rules may depend on it. */
  const known = (file: WalkedFile): string | null => {
    const name = byFile.get(file.real);
    const row = name === undefined ? undefined : ledger.get(name);
    return name !== undefined && row !== undefined && !claimed.has(name) && isWithin(file.root, row.root) ? name : null;
  };
  return {
    claim(file) {
      let name = known(file) ?? file.relative;
      if (known(file) === null && !isFree(name, file)) {
        const folder = basename(file.root);
        name = `${folder}/${file.relative}`;
        for (let copy = 2; !isFree(name, file); copy += 1) name = `${folder}~${copy}/${file.relative}`;
      }
      claimed.add(name);
      return { name, row: ledger.get(name) ?? null };
    },
    isClaimed: (document) => claimed.has(document),
  };
}

/**
 * Folders that were moved: the old path is gone, and at least half of its documents are in the new folder at the same
 * place with the same bytes. Returns the new folder by the old path.
 *
 * @param isGone whether a path does not exist any more
 * @param isSame whether a file has the content that a row was made from
 */
export async function findMoved(
  ledger: Ledger,
  files: readonly WalkedFile[],
  isGone: (path: string) => Promise<boolean>,
  isSame: (file: WalkedFile, row: DocumentRow) => Promise<boolean>,
): Promise<Map<string, string>> {
  const byRoot = Map.groupBy([...ledger.values()], ({ root }) => root);
  const newRoots = new Set(files.map(({ root }) => root).filter((root) => !byRoot.has(root)));
  const moved = new Map<string, string>();
  if (newRoots.size === 0) return moved;
  const places = new Map(files.map((file) => [`${file.root}\0${file.relative}`, file]));
  for (const [old, rows] of byRoot) {
    if (isUpload(old) || !(await isGone(old))) continue;
    for (const root of newRoots) {
      let same = 0;
      for (const row of rows) {
        const file = places.get(`${root}\0${placeOf(row)}`);
        if (file !== undefined && (await isSame(file, row))) same += 1;
        if (same * 2 >= rows.length) break;
      }
      if (same * 2 < rows.length) continue;
      moved.set(old, root);
      newRoots.delete(root);
      break;
    }
  }
  return moved;
}

const placeOf = ({ root, file }: DocumentRow): string =>
  file === root ? basename(file) : relative(root, file).split(sep).join('/');
