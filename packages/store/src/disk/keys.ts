import { u32, u64, utf8 } from '@tributary/proof/primitives';

// Every key of an index's database (docs/spec/store.md). The first byte is the kind. Numbers are big-endian, so that
// they sort.

const key = (kind: string, ...parts: Uint8Array[]): Buffer => Buffer.concat([Buffer.from(kind, 'latin1'), ...parts]);

/** Bounds of all keys of one kind. */
export interface KeyRange {
  readonly gte: Buffer;
  readonly lt: Buffer;
}
const kindRange = (kind: string): KeyRange => ({
  gte: Buffer.from(kind, 'latin1'),
  lt: Buffer.from([kind.charCodeAt(0) + 1]),
});

export const recordKey = (slot: number): Buffer => key('r', u32(slot));
export const recordRange = kindRange('r');
/** The paths of a group of records in their write. */
export const pathsKey = (sequence: number, group: number): Buffer => key('p', u64(sequence), u32(group));
/** Neither part contains NUL, so the key is unambiguous and sorts by namespace, then id. */
export const idKey = (namespace: string, id: string): Buffer => key('i', utf8(namespace), Buffer.of(0), utf8(id));
export const writeKey = (sequence: number): Buffer => key('w', u64(sequence));
export const writeRange = kindRange('w');
export const writeHashKey = (hash: Uint8Array): Buffer => key('x', hash);
export const manifestKey = (sequence: number): Buffer => key('s', u64(sequence));
export const manifestRange = kindRange('s');
export const manifestHashKey = (hash: Uint8Array): Buffer => key('y', hash);
/** A list of writers, by its hash. */
export const writersKey = (hash: Uint8Array): Buffer => key('k', hash);
export const undoKey = (snapshot: number): Buffer => key('u', u64(snapshot));
export const undoRange = kindRange('u');
export const documentKey = (namespace: string, document: string): Buffer =>
  key('d', utf8(namespace), Buffer.of(0), utf8(document));
export const metaKey = (name: 'format' | 'checkpoint' | 'purge' | 'forget'): Buffer => key('m', utf8(name));

/** The ids of a namespace that start with `prefix`, after the id `after` if given. */
export const idRange = (namespace: string, prefix: string, after: string | null): KeyRange =>
  pageRange(idKey(namespace, prefix), after === null ? null : idKey(namespace, after));

/** The documents of one namespace or of all, after the given one. */
export function documentRange(namespace: string | null, after: { namespace: string; document: string } | null): KeyRange {
  const start = namespace === null ? Buffer.from('d', 'latin1') : documentKey(namespace, '');
  return pageRange(start, after === null ? null : documentKey(after.namespace, after.document));
}

function pageRange(start: Buffer, after: Buffer | null): KeyRange {
  const from = after === null ? start : Buffer.concat([after, Buffer.of(0)]);
  return { gte: Buffer.compare(from, start) > 0 ? from : start, lt: upperBound(start) };
}

/** The id in a key of {@link idKey}, or the document in a key of {@link documentKey}. */
export const nameInKey = (bytes: Buffer): string => bytes.toString('utf8', bytes.indexOf(0, 1) + 1);
export const namespaceInKey = (bytes: Buffer): string => bytes.toString('utf8', 1, bytes.indexOf(0, 1));
export const numberInKey = (bytes: Buffer): number =>
  bytes.length === 5 ? bytes.readUInt32BE(1) : Number(bytes.readBigUInt64BE(1));

/**
 * The smallest key above every key that starts with `prefix`. UTF-8 never contains 0xff, so the last byte can be
 * incremented.
 */
function upperBound(prefix: Buffer): Buffer {
  const end = Buffer.from(prefix);
  end[end.length - 1]! += 1;
  return end;
}
