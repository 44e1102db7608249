import { createTree, equalBytes, hashLeaf, toHex, verifyInclusion } from '@tributary/proof/primitives';
import { LEAF_LIVE, leafEntry, putEntry, tombstoneEntry, readManifest } from '@tributary/proof/statements';
import type { DiskReader } from '../disk/database.ts';
import { idKey, manifestKey, numberInKey, recordRange } from '../disk/keys.ts';
import { decodeRevision, leafIn, type StoredRevision } from '../disk/values.ts';
import { readPlace } from '../disk/write-paths.ts';
import { commitmentOf } from '../write/seal.ts';
import { PROGRESS_EVERY, type CheckContext } from './types.ts';

/**
 * Checks every slot: the record against its leaf, its write and its id; then the root over all leaves. Returns the
 * number of live records.
 */
export async function checkRecords(context: CheckContext): Promise<number> {
  const { published, reader, settings, report } = context;
  const tombstone = hashLeaf(tombstoneEntry());
  const tree = createTree();
  let live = 0;
  const passGap = (end: number): void => {
    for (let slot = tree.size; slot < end; slot += 1) {
      tree.set(slot, tombstone);
      if (context.isMissing(slot)) fail(context, `slot ${slot}`, 'its record is missing');
    }
  };
  for await (const [key, bytes] of reader.scan(recordRange)) {
    const slot = numberInKey(key);
    if (slot >= published.tree.size) return fail(context, `slot ${slot}`, 'it lies outside the tree');
    passGap(slot);
    const leaf = leafIn(bytes);
    tree.set(slot, leaf.length === tombstone.length ? leaf : tombstone);
    if (slot % PROGRESS_EVERY === 0) context.progress({ phase: 'records', done: slot, total: published.tree.size });
    live += 1;
    const fault = recordFault(bytes, slot, leaf, context);
    if (fault !== null) fail(context, `slot ${slot}`, fault);
  }
  passGap(published.tree.size);
  context.progress({ phase: 'tree', done: tree.size, total: published.tree.size });
  const body = reader.get(manifestKey(published.snapshot))?.toString() ?? '';
  try {
    const { manifest } = readManifest(body);
    if (manifest.tree.size !== tree.size || manifest.tree.root !== toHex(tree.root())) {
      fail(context, 'tree', `its root is not the one of manifest ${published.snapshot}`);
    }
    if (manifest.live !== live) fail(context, 'tree', `${live} live records are there, the manifest says ${manifest.live}`);
  } catch (error) {
    report('STORE_DAMAGED', `manifest ${published.snapshot} of ${settings.name}`, String(error));
  }
  return live;
}

function recordFault(bytes: Buffer, slot: number, leaf: Uint8Array, { settings, reader, writes }: CheckContext): string | null {
  let revision: StoredRevision;
  let commitment: Uint8Array;
  try {
    revision = decodeRevision(bytes, `slot ${slot}`);
    commitment = commitmentOf(revision, settings.modelDigest);
  } catch {
    return 'its record cannot be read';
  }
  const { version, writeIndex } = revision;
  const place = placeOf(revision, reader);
  if (place === null) return `its path in write ${version} is missing or damaged`;
  if (!equalBytes(hashLeaf(leafEntry(LEAF_LIVE, commitment, place.write)), leaf))
    return 'its record differs from what was signed';
  const write = writes.get(version);
  if (write === undefined || write.hash !== place.write) return `its write ${version} is missing or another one`;
  const { size, root } = write;
  if (!verifyInclusion({ index: writeIndex, size, leafHash: hashLeaf(putEntry(commitment)), path: place.path, root }))
    return `its record is not among those of write ${version}`;
  const found = reader.get(idKey(revision.namespace, revision.id));
  return found?.readUInt32BE(0) === slot ? null : `its id '${revision.id}' leads elsewhere`;
}

function placeOf(revision: StoredRevision, reader: DiskReader): ReturnType<typeof readPlace> | null {
  try {
    return readPlace(reader, revision);
  } catch {
    return null;
  }
}

function fail({ report }: CheckContext, where: string, message: string): number {
  report('STORE_DAMAGED', where, message);
  return 0;
}
