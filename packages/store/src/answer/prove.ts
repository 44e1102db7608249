import type { TreeView } from '@tributary/proof/primitives';
import { StoreError } from '../errors.ts';
import type { IndexState } from '../state.ts';
import type { AnswerItem } from '../types.ts';
import { loadRecord } from './load.ts';
import type { EncodedRecord } from './cache.ts';
import { pathBytes } from './encode.ts';
import type { ProvenItem } from './types.ts';

/**
 * Adds to each found record its bytes and its path in the published tree.
 *
 * @throws StoreError STORE_DAMAGED
 */
export function proveItems(items: readonly Omit<AnswerItem, 'version'>[], state: IndexState): ProvenItem[] {
  return items.map((item) => {
    const record = loadRecord(item.slot, state);
    if (record === null) {
      throw new StoreError('STORE_DAMAGED', `slot ${item.slot} is searched but holds no record; restore a backup`);
    }
    return { ...item, version: record.version, record, path: publishedPath(item.slot, record, state) };
  });
}

/** It is the same for all questions to a snapshot. */
function publishedPath(slot: number, record: EncodedRecord, { published }: IndexState): Uint8Array {
  const { snapshot, tree } = published;
  if (record.path?.snapshot !== snapshot) record.path = { snapshot, bytes: pathBytes(tree.path(slot)) };
  return record.path.bytes;
}

/** Like {@link proveItems}, for an older state of the tree. Null when a record has changed since that answer. */
export function proveAgain(items: readonly AnswerItem[], state: IndexState, tree: TreeView): ProvenItem[] | null {
  const proven: ProvenItem[] = [];
  for (const item of items) {
    const record = loadRecord(item.slot, state);
    if (record === null || record.version !== item.version) return null;
    proven.push({ ...item, record, path: pathBytes(tree.path(item.slot)) });
  }
  return proven;
}
