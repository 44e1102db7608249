// How files and folders may depend on each other: no cycles, not even of types, and no sibling folders that need each
// other.
import { posix } from 'node:path';
import { importsOf, type Tree, type Violation } from './tree.ts';

const FOLDER_FILES_MAX = 20;

/** No chain of imports leads back to its first file. Imports of types count. */
export function cycles(tree: Tree): Violation[] {
  const graph = importGraph(tree);
  return circles(graph).map((files) => `${files[0]}: imports itself by way of ${files.slice(1).join(', ')}`);
}

/** Of two sibling folders, at most one imports the other. */
export function siblingFolders(tree: Tree): Violation[] {
  const ways = new Map<string, string>();
  for (const [file, imports] of importGraph(tree)) {
    for (const target of imports) {
      const [from, to] = roomsOf(file, target);
      if (from !== null && to !== null) ways.set(`${from} ${to}`, `${file} and`);
    }
  }
  return [...ways.keys()].flatMap((way) => {
    const [from = '', to = ''] = way.split(' ');
    const back = ways.get(`${to} ${from}`);
    return from < to && back !== undefined ? [`${from} and ${to} import each other: ${ways.get(way)} ${back.slice(0, -4)}`] : [];
  });
}

/** No folder has more than {@link FOLDER_FILES_MAX} source files. Tests beside them are not counted. */
export function folderSize(tree: Tree): Violation[] {
  const counts = new Map<string, number>();
  for (const file of sourcesOf(tree)) counts.set(posix.dirname(file), (counts.get(posix.dirname(file)) ?? 0) + 1);
  return [...counts]
    .filter(([, count]) => count > FOLDER_FILES_MAX)
    .map(([folder, count]) => `${folder}: ${count} files, more than ${FOLDER_FILES_MAX}; make rooms`);
}

/** The folders below the deepest one that holds both files; null where a file is directly in that folder. */
function roomsOf(file: string, target: string): [string | null, string | null] {
  const [a, b] = [file.split('/'), target.split('/')];
  let depth = 0;
  while (a[depth] === b[depth]) depth += 1;
  const room = (parts: string[]) => (parts.length > depth + 1 ? parts.slice(0, depth + 1).join('/') : null);
  return [room(a), room(b)];
}

/** The files that each file imports by a path. */
function importGraph(tree: Tree): Map<string, string[]> {
  const files = new Set(sourcesOf(tree));
  return new Map(
    [...files].map((file) => [
      file,
      importsOf(tree.text(file))
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => posix.join(posix.dirname(file), specifier))
        .filter((target) => files.has(target)),
    ]),
  );
}

function sourcesOf(tree: Tree): string[] {
  return tree.files.filter((file) => file.endsWith('.ts') && !/\.(?:test|suite)\.ts$/.test(file));
}

/** Groups of files that can all reach each other (Tarjan's strongly connected components), without groups of one. */
function circles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = [];
  const index = new Map<string, number>();
  const lowest = new Map<string, number>();
  const path: string[] = [];
  const visit = (file: string): void => {
    index.set(file, index.size);
    lowest.set(file, index.get(file)!);
    path.push(file);
    for (const target of graph.get(file) ?? []) {
      if (!index.has(target)) visit(target);
      if (path.includes(target)) lowest.set(file, Math.min(lowest.get(file)!, lowest.get(target)!));
    }
    if (lowest.get(file) !== index.get(file)) return;
    const circle = path.splice(path.indexOf(file));
    if (circle.length > 1) found.push(circle.toSorted());
  };
  for (const file of graph.keys()) if (!index.has(file)) visit(file);
  return found;
}
