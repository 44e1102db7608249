import { fromHex, u64 } from '@tributary/proof/primitives';
import { encodeStatement, packUndo, type Undo } from '../disk/values.ts';
import { encodePaths } from '../disk/write-paths.ts';
import type { DiskOperation } from '../disk/database.ts';
import {
  documentKey,
  idKey,
  manifestHashKey,
  manifestKey,
  metaKey,
  recordKey,
  undoKey,
  writeHashKey,
  writeKey,
  writersKey,
} from '../disk/keys.ts';
import { cacheChangesMax } from '../limits.ts';
import { makeCheckpoint, makeManifest } from '../snapshot/manifest.ts';
import { expiredUndo } from '../snapshot/undo.ts';
import type { IndexState } from '../state.ts';
import type { GroupDraft, PreparedGroup } from './types.ts';

/**
 * Moves tree and log ahead of what is published, and lists everything that must reach the disk together. Until
 * `publish`, answers read the old state through views.
 */
export function prepareGroup(draft: GroupDraft, state: IndexState): PreparedGroup {
  const { time } = draft;
  const before = state.published;
  const snapshot = before.snapshot + 1;
  // `before.tree` may be the tree itself, which grows below.
  const treeSize = before.tree.size;
  const leaves = new Map<number, Uint8Array>();
  for (const slot of draft.changes.keys()) if (slot < treeSize) leaves.set(slot, state.tree.leaf(slot));
  const undoTime = state.undoNow();
  const undo: Undo = { snapshot, time: undoTime, leaves };
  const logSize = state.log.size;
  // New slots must be appended in order, but draft.changes may have any order.
  const changed = [...draft.changes].sort(([a], [b]) => a - b);
  state.tree.setMany(changed.map(([slot, change]) => [slot, change.leaf] as const));
  const manifest = makeManifest(
    {
      sequence: snapshot,
      previous: before.manifestHash,
      tree: { size: state.tree.size, root: state.tree.root() },
      live: draft.live,
      write: draft.last,
      time,
      writers: draft.writers?.hash ?? null,
    },
    state.settings,
  );
  state.log.set(logSize, manifest.leaf);
  const checkpoint = makeCheckpoint(state.log.size, state.log.root(), state.settings, state.seed);
  state.pending = undo;
  state.published = { ...before, tree: state.tree.at(treeSize, leaves), log: state.log.at(logSize) };
  const undoFirst = firstNeeded(state, undoTime);
  const packed = packUndo(undo);
  return {
    draft,
    undo: packed,
    undoFirst,
    manifest: { sequence: snapshot, hash: manifest.hash, body: manifest.body, time },
    checkpoint,
    operations: [
      ...recordOperations(draft),
      ...documentOperations(draft),
      ...[...draft.lists].map(([hash, list]) => ({ key: writersKey(fromHex(hash)), value: encodeStatement(list) })),
      ...manifestOperations(manifest, snapshot, checkpoint),
      { key: undoKey(snapshot), value: packed.bytes },
      ...rangeOf(state.undoFirst, undoFirst).map((old) => ({ key: undoKey(old), value: null })),
      ...(leaves.size === 0 ? [] : purgeOperations(state, time)),
    ],
  };
}

/** Most undo entries that one group deletes. */
const UNDO_DELETED_MAX = 1_024;

/**
 * Number of the first undo entry that is kept: answers need those of `answerKeepMs`, an opening those since the image,
 * and an engine those since the snapshot that it has, unless so much has changed that the rows are read faster.
 */
function firstNeeded({ undo, undoFirst, image, published, engine: { remote } }: IndexState, time: number): number {
  const most = Math.max(cacheChangesMax, published.live);
  const first = expiredUndo(undo, time).at(-1)?.snapshot ?? (undo[0]?.snapshot ?? published.snapshot + 1) - 1;
  const forImage = image.snapshot !== null && image.changes <= most ? image.snapshot : first;
  const forEngine = remote !== null && remote.waiting.count() <= most ? (remote.followed ?? undoFirst - 1) : first;
  const last = Math.min(first, forImage, forEngine);
  return Math.min(Math.max(last + 1, undoFirst), undoFirst + UNDO_DELETED_MAX);
}

const rangeOf = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, at) => from + at);

/** The manifest, the row that finds it by hash, and the head of the log with it as the last leaf. */
export function manifestOperations(
  manifest: { body: string; hash: string },
  sequence: number,
  checkpoint: string,
): DiskOperation[] {
  return [
    { key: manifestKey(sequence), value: Buffer.from(manifest.body) },
    { key: manifestHashKey(fromHex(manifest.hash)), value: sequenceValue(sequence) },
    { key: metaKey('checkpoint'), value: Buffer.from(checkpoint) },
  ];
}

function recordOperations(draft: GroupDraft): DiskOperation[] {
  const operations: DiskOperation[] = [];
  for (const [slot, { row }] of draft.changes) operations.push({ key: recordKey(slot), value: row });
  for (const { key, paths } of draft.paths.values())
    operations.push({ key, value: paths.live === 0 ? null : encodePaths(paths) });
  for (const [name, slot] of draft.ids) {
    const cut = name.indexOf('\0');
    const value = slot === null ? null : slotValue(slot);
    operations.push({ key: idKey(name.slice(0, cut), name.slice(cut + 1)), value });
  }
  for (const write of draft.writes) {
    operations.push({ key: writeKey(write.sequence), value: encodeStatement(write) });
    operations.push({ key: writeHashKey(fromHex(write.hash)), value: sequenceValue(write.sequence) });
  }
  return operations;
}

/** Rows of the ingest ledger, which are not part of a snapshot. */
export function documentOperations(draft: GroupDraft): DiskOperation[] {
  return draft.documents.map(({ namespace, document, row }) => ({
    key: documentKey(namespace, document),
    value: row === null ? null : Buffer.from(JSON.stringify(row)),
  }));
}

/**
 * Marks since when deleted and replaced records may still be in the database's files, and their vectors in the graph.
 */
function purgeOperations({ database }: IndexState, time: number): DiskOperation[] {
  const missing = (['purge', 'forget'] as const).filter((name) => database.get(metaKey(name)) === undefined);
  return missing.map((name) => ({ key: metaKey(name), value: u64(time) }));
}

function slotValue(slot: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(slot);
  return bytes;
}

function sequenceValue(sequence: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(sequence));
  return bytes;
}

/**
 * Writes the batch first, then the head. So a head never names a write that the database may lack.
 *
 * @throws StoreError DISK_WRITE
 */
export async function commitGroup(group: PreparedGroup, state: IndexState): Promise<void> {
  await state.database.batch(group.operations);
  const { last } = group.draft;
  await state.head.write({ sequence: last.sequence, hash: fromHex(last.hash), snapshot: group.manifest.sequence });
}
