import type { Sell } from '@tributary/schemas';
import type { Update } from '../../write/types.ts';
import { chunkIds, filePrefix } from '../address.ts';
import type { IngestTarget } from '../types.ts';

/** The owner's terms for the chunks of a document. */
export interface Terms {
  sell: Sell;
  licence: string | null;
}

/** The ids of a document's chunks in the index. */
export const storedIds = async (target: IngestTarget, namespace: string, document: string): Promise<string[]> =>
  chunkIds(await target.ids(namespace, filePrefix(document)));

/** Changes the terms of chunks. Text and vector stay. */
export const termUpdates = (namespace: string, ids: readonly string[], terms: Terms): Update[] =>
  ids.map((id) => ({ kind: 'update', namespace, id, text: null, vector: null, sparse: null, setMetadata: {}, terms }));
