import { createTree, equalBytes, fromBase64url, hashLeaf, toHex, verifyInclusion } from '@tributary/proof/primitives';
import { LEAF_LIVE, leafEntry, putEntry, tombstoneEntry, readManifest } from '@tributary/proof/statements';
import { idKey, leafRange, manifestKey, numberInKey, recordKey } from '../disk/keys.ts';
import { decodeRevision, type StoredRevision } from '../disk/values.ts';
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
  for await (const [key, leaf] of reader.scan(leafRange)) {
    const slot = numberInKey(key);
    if (slot !== tree.size) return fail(context, `slot ${tree.size}`, 'its leaf is missing');
    tree.set(slot, new Uint8Array(leaf));
    if (slot % PROGRESS_EVERY === 0) context.progress({ phase: 'records', done: slot, total: published.tree.size });
    const bytes = reader.get(recordKey(slot));
    if (bytes === undefined) {
      if (!equalBytes(leaf, tombstone)) fail(context, `slot ${slot}`, 'its record is missing');
      continue;
    }
    live += 1;
    const fault = recordFault(bytes, slot, leaf, context);
    if (fault !== null) fail(context, `slot ${slot}`, fault);
  }
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
  if (!equalBytes(hashLeaf(leafEntry(LEAF_LIVE, commitment, revision.write)), leaf))
    return 'its record differs from what was signed';
  const write = writes.get(revision.version);
  if (write === undefined || write.hash !== revision.write) return `its write ${revision.version} is missing or another one`;
  const path = revision.writePath.map(fromBase64url);
  const inclusion = {
    index: revision.writeIndex,
    size: write.size,
    leafHash: hashLeaf(putEntry(commitment)),
    path,
    root: write.root,
  };
  if (!verifyInclusion(inclusion)) return `its record is not among those of write ${revision.version}`;
  const found = reader.get(idKey(revision.namespace, revision.id));
  return found?.readUInt32BE(0) === slot ? null : `its id '${revision.id}' leads elsewhere`;
}

function fail({ report }: CheckContext, where: string, message: string): number {
  report('STORE_DAMAGED', where, message);
  return 0;
}
