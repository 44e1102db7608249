import { basename, resolve, sep } from 'node:path';
import type { DocumentRow } from '../disk/values.ts';
import type { IngestTarget } from '../ingest-target.ts';

/** Finds out under which names the documents of an ingest are kept. */
export interface Naming {
  /** The path given that a file was found under. */
  rootOf(absolute: string): string;
  /**
   * The document's name in the index: its own, or with the folder's name in front when an ingest of another folder took that already.
   * Null when two files of this ingest hold a document of the same name. `row` is what the index knows of it.
   */
  claim(document: string, file: string, root: string): Promise<{ name: string; row: DocumentRow | null } | null>;
  /** True when this ingest came across the document. */
  isClaimed(document: string): boolean;
  readonly roots: ReadonlySet<string>;
}

export function createNaming(paths: readonly string[], namespace: string, target: IngestTarget): Naming {
  const roots = new Set(paths.map((path) => resolve(path)));
  const longestFirst = [...roots].toSorted((a, b) => b.length - a.length);
  const claimed = new Map<string, string>();
  return {
    roots,
    rootOf: (absolute) =>
      longestFirst.find((root) => absolute === root || absolute.startsWith(root.endsWith(sep) ? root : root + sep)) ?? absolute,
    async claim(document, file, root) {
      const own = await target.documentRow(namespace, document);
      const isFree = own === null || own.root === root;
      const name = isFree ? document : `${basename(root)}/${document}`;
      const holder = claimed.get(name);
      if (holder !== undefined && holder !== file) return null;
      claimed.set(name, file);
      return { name, row: isFree ? own : await target.documentRow(namespace, name) };
    },
    isClaimed: (document) => claimed.has(document),
  };
}
