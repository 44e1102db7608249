import type { Sell } from '@tributary/schemas';
import type { Update } from '../../write/types.ts';
import { chunkIds, filePrefix } from '../address.ts';
import type { IngestTarget } from '../types.ts';

/** What an owner says of a document's chunks beside their content. */
export interface Terms {
  sell: Sell;
  licence: string | null;
}

/** The ids of the chunks that the index has of a document. */
export const storedIds = async (target: IngestTarget, namespace: string, document: string): Promise<string[]> =>
  chunkIds(await target.ids(namespace, filePrefix(document)));

/** Gives chunks other terms; text and vector stay. */
export const termUpdates = (namespace: string, ids: readonly string[], terms: Terms): Update[] =>
  ids.map((id) => ({ kind: 'update', namespace, id, text: null, vector: null, setMetadata: {}, terms }));
