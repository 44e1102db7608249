import { formatTlogProof, fromHex, toBase64url } from '@tributary/proof/primitives';
import type { Manifest, SignedStatement } from '@tributary/schemas';
import type { Database } from '../disk/database.ts';
import { manifestHashKey, manifestKey, writeHashKey, writeKey, writersKey } from '../disk/keys.ts';
import { decodeStatement } from '../disk/values.ts';
import { StoreError } from '../errors.ts';
import type { IndexState, Published } from '../state.ts';
import type { SnapshotProof } from '../types.ts';

/**
 * A manifest and its proof of inclusion in the newest log.
 *
 * @throws StoreError SNAPSHOT_BEHIND for an unknown manifest
 */
export function proveSnapshot(manifestHash: string, { reader, log, checkpoint }: Published): SnapshotProof {
  const key = reader.get(manifestHashKey(fromHex(manifestHash)));
  const sequence = key === undefined ? null : Number(key.readBigUInt64BE(0));
  const manifest = sequence === null ? undefined : reader.get(manifestKey(sequence))?.toString();
  if (sequence === null || manifest === undefined) {
    throw new StoreError('SNAPSHOT_BEHIND', `manifest ${manifestHash} is not in this log; ask again shortly`);
  }
  const proof = { manifest, log: formatTlogProof({ index: sequence, path: log.path(sequence), checkpoint }) };
  const { writers } = JSON.parse(manifest) as Manifest;
  return writers === undefined ? proof : { ...proof, writers: findWriters(writers, reader) };
}

/** A list of writers by its hash, as the owner signed it. @throws StoreError STORE_DAMAGED */
export function findWriters(hash: string, reader: Pick<Database, 'get'>): SignedStatement {
  const value = reader.get(writersKey(fromHex(hash)));
  if (value === undefined) throw new StoreError('STORE_DAMAGED', `the list of writers ${hash} is missing; restore a backup`);
  return decodeStatement(value, `the list of writers ${hash}`);
}

/**
 * Write statements by hash, in the given order.
 *
 * @throws StoreError QUERY_INVALID for an unknown write
 */
export function findWrites(hashes: readonly string[], { reader }: Published): SignedStatement[] {
  return hashes.map((hash) => {
    const key = reader.get(writeHashKey(fromHex(hash)));
    const value = key === undefined ? undefined : reader.get(writeKey(Number(key.readBigUInt64BE(0))));
    if (value === undefined) throw new StoreError('QUERY_INVALID', `write ${hash} is not of this index`);
    return decodeStatement(value, `write ${hash}`);
  });
}

/** The statement of a write by its sequence. @throws StoreError STORE_DAMAGED */
export function findWrite(sequence: number, { reader }: Published): SignedStatement {
  const value = reader.get(writeKey(sequence));
  if (value === undefined) throw new StoreError('STORE_DAMAGED', `write ${sequence} is missing; restore a backup`);
  return decodeStatement(value, `write ${sequence}`);
}

/**
 * Proof that the log of `second` leaves extends that of `first`, base64url.
 *
 * @throws StoreError SNAPSHOT_BEHIND
 */
export function proveConsistency(first: number, second: number, { log, published }: IndexState): string[] {
  const { size } = published.log;
  if (first > second || second > size) {
    throw new StoreError('SNAPSHOT_BEHIND', `the log has ${size} leaves; no consistency proof from ${first} to ${second}`);
  }
  return log.at(second).consistency(first).map(toBase64url);
}
