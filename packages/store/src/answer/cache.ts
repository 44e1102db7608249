import { createLru, type Lru } from '@tributary/proof/primitives';
import type { StoredRevision } from '../disk/values.ts';

/** A record as answers show it (docs/spec/query.md#records). */
export interface EncodedRecord {
  readonly version: number;
  readonly bytes: Uint8Array;
  /** Hash of the bytes, hex. */
  readonly name: string;
  /** UTF-8 bytes of the text. */
  readonly textBytes: number;
  /** Its path in the snapshot of that sequence; null before it was made. */
  path: { readonly snapshot: number; readonly bytes: Uint8Array } | null;
}

/** Encoded records by slot, bounded in bytes; the least recently used one goes first. */
export type ResultCache = Lru<number, EncodedRecord>;

/** Approximate memory of an entry beside its bytes, with the path in a tree of 2^24 slots. */
const ENTRY_BYTES = 1_400;

/** An empty {@link ResultCache}. */
export const createResultCache = (bytesMax: number): ResultCache =>
  createLru(bytesMax, ({ bytes }) => bytes.length + ENTRY_BYTES);

/** Decoded revisions by slot, bounded in bytes; the least recently used one goes first. */
export type RevisionCache = Lru<number, StoredRevision>;

/** Approximate memory of a revision's other fields, and of a character. */
const REVISION_BYTES = 2_000;
const CHARACTER_BYTES = 2;

/** An empty {@link RevisionCache}. */
export const createRevisionCache = (bytesMax: number): RevisionCache =>
  createLru(
    bytesMax,
    ({ vector, sparse, text, metadata }) =>
      vector.byteLength +
      (sparse === null ? 0 : sparse.indices.byteLength + sparse.values.byteLength) +
      CHARACTER_BYTES * (text.length + JSON.stringify(metadata).length) +
      REVISION_BYTES,
  );
