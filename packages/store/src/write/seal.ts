import { createTree, hashLeaf, toHex } from '@tributary/proof/primitives';
import { TAG_WRITE, commitRecord, deleteEntry, putEntry, signStatement } from '@tributary/proof/statements';
import { metadata, type WriteStatement, inWords } from '@tributary/schemas';
import { StoreError } from '../errors.ts';
import { vectorsMax } from '../graph/node-memory.ts';
import type { StoredRevision } from '../disk/values.ts';
import type { Pace } from '../pace.ts';
import type { IndexState } from '../state.ts';
import type { WriteResult } from '../types.ts';
import { enter, recordName, type Planned, type SealedEntries } from './enter.ts';
import { checkWriter } from './writers.ts';
import type { CheckedOperation, CheckedRecord, CheckedWrite, GroupDraft } from './types.ts';

/** Finds a record by namespace and id, including the group's own changes. */
export type FindRevision = (namespace: string, id: string) => { slot: number; revision: StoredRevision } | null;

const NOTHING = new Uint8Array(0);

/**
 * Commits to every record of a write, signs one statement over all, and adds the result to the draft
 * (docs/spec/write.md). A later operation on the same record replaces an earlier one. The draft changes only after
 * everything that can fail.
 *
 * @returns the previous sequence when nothing is left to do
 */
export async function sealWrite(
  write: CheckedWrite,
  draft: GroupDraft,
  find: FindRevision,
  state: Pick<IndexState, 'settings' | 'seed' | 'published'>,
  pace: Pace,
): Promise<WriteResult> {
  draft.time = write.time;
  const wanted = await plan(write, find, pace);
  if (write.writer !== undefined && wanted.length > 0) checkWriter(write.writer.did, namespacesOf(wanted), draft);
  const planned = await commitAll(wanted, state.settings.modelDigest, pace);
  checkRoom(planned, draft, state.settings.dimension);
  draft.documents.push(...write.documents);
  if (planned.length === 0) return { sequence: draft.last.sequence, count: 0 };
  const { did: signer, seed } = write.writer ?? { did: state.settings.provider, seed: state.seed };
  const entries = createTree();
  entries.setMany(planned.map(({ entry }, at) => [at, entry] as const));
  const statement: WriteStatement = {
    v: 1,
    type: 'tributary/write',
    index: state.settings.id,
    sequence: draft.last.sequence + 1,
    previous: draft.last.hash,
    root: toHex(entries.root()),
    size: planned.length,
    signer,
    custody: write.custody,
    author: write.author,
  };
  const { body, signature, hash } = signStatement(TAG_WRITE, statement, seed);
  const written: SealedEntries = { version: statement.sequence, write: hash, entries };
  for (const [at, item] of planned.entries()) {
    if (pace.due()) await pace.rest();
    enter(item, at, written, draft, state.published.reader);
  }
  draft.free.add(draft.freed.splice(0));
  draft.last = { sequence: statement.sequence, hash };
  draft.writes.push({ sequence: statement.sequence, hash, body, signature });
  return { sequence: statement.sequence, count: planned.length };
}

async function plan(write: CheckedWrite, find: FindRevision, pace: Pace): Promise<Planned[]> {
  const byRecord = new Map<string, Planned>();
  for (const [at, operation] of write.operations.entries()) {
    if (pace.due()) await pace.rest();
    const { namespace, id } = operation.kind === 'put' ? operation.record : operation;
    const key = recordName(namespace, id);
    const before = byRecord.get(key);
    const old = before === undefined ? find(namespace, id) : before.old;
    const put = resultOf(operation, before === undefined ? (old?.revision ?? null) : before.put);
    const salt = write.salts.subarray(at * 32, at * 32 + 32);
    byRecord.set(key, { put, old, salt, recordCommitment: NOTHING, entry: NOTHING });
    // Updating or deleting a record that does not exist does nothing.
    if (put === null && old === null) byRecord.delete(key);
  }
  return [...byRecord.values()];
}

const namespacesOf = (planned: readonly Planned[]): Set<string> =>
  new Set(planned.map(({ put, old }) => (put ?? old!.revision).namespace));

function resultOf(operation: CheckedOperation, current: CheckedRecord | StoredRevision | null): CheckedRecord | null {
  if (operation.kind === 'put') return operation.record;
  if (operation.kind === 'delete' || current === null) return null;
  const { id, namespace, source } = current;
  const { licence, sell } = operation.terms ?? current;
  const kept = Object.entries(current.metadata).filter(([key]) => operation.removeMetadata?.includes(key) !== true);
  const merged = metadata.safeParse({ ...Object.fromEntries(kept), ...operation.setMetadata }, { error: inWords });
  if (!merged.success) {
    throw new StoreError(
      'METADATA_INVALID',
      `record '${id}' after the update: ${merged.error.issues[0]?.message ?? 'wrong shape'}`,
    );
  }
  return {
    id,
    namespace,
    source,
    licence,
    sell,
    sparse: operation.sparse ?? current.sparse,
    text: operation.text ?? current.text,
    vector: operation.vector ?? current.vector,
    metadata: merged.data,
  };
}

/** @throws StoreError WRITE_TOO_LARGE when the index has no slot left for a record */
function checkRoom(planned: readonly Planned[], draft: GroupDraft, dimension: number): void {
  const needed = planned.filter(({ put, old }) => put !== null && old === null).length - draft.free.length;
  const most = vectorsMax(dimension);
  if (draft.size + needed > most)
    throw new StoreError(
      'WRITE_TOO_LARGE',
      `an index of ${dimension} components holds at most ${most} records; use another index`,
    );
}

async function commitAll(planned: Planned[], modelDigest: string, pace: Pace): Promise<Planned[]> {
  for (const item of planned) {
    if (pace.due()) await pace.rest();
    item.recordCommitment =
      item.put === null
        ? commitmentOf(item.old!.revision, modelDigest)
        : commitRecord(item.put, item.salt, modelDigest).recordCommitment;
    item.entry = hashLeaf(entryOf(item));
  }
  return planned;
}

/** Record commitment of a stored revision, computed again. */
export function commitmentOf(revision: StoredRevision, modelDigest: string): Uint8Array {
  return commitRecord(revision, revision.salt, modelDigest).recordCommitment;
}

const entryOf = ({ put, recordCommitment }: Planned): Uint8Array =>
  put === null ? deleteEntry(recordCommitment) : putEntry(recordCommitment);
