import { createTree } from '../merkle/tree.ts';

/** Inclusion path of one leaf, from the leaf upward. @throws RangeError when there is no such leaf */
export function inclusionPath(leafHashes: readonly Uint8Array[], index: number): Uint8Array[] {
  const tree = createTree();
  tree.setMany(leafHashes.entries());
  return tree.path(index);
}
