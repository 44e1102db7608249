import { createLru, type Lru } from '@tributary/proof/primitives';
import { readWrite } from '@tributary/proof/statements';
import { refuseDamagedRecord } from '../disk/damage.ts';
import { readRevision, toRecord } from '../disk/records.ts';
import type { StoredRevision } from '../disk/values.ts';
import { StoreError } from '../errors.ts';
import { checkedWritesMax } from '../limits.ts';
import { findWrite } from '../snapshot/proofs.ts';
import { publishedLeaf } from '../snapshot/undo.ts';
import type { IndexState } from '../state.ts';
import type { FoundOutcome, WrittenRecord } from '../found.ts';
import { withFound } from './search.ts';
import type { FoundResults, IndexQuery } from './types.ts';

/**
 * Answers the owner's question from the published snapshot, in one synchronous turn. There are no paths and no
 * commitments: an owner who reads its own store needs no proof.
 *
 * @throws StoreError QUERY_INVALID, VECTOR_DIMENSION, VECTOR_NOT_FINITE, VECTOR_ZERO, STORE_DAMAGED,
 *   ENGINE_*; TributaryError FILTER_INVALID
 */
export function findForOwner(query: IndexQuery, state: IndexState): FoundOutcome | Promise<FoundOutcome> {
  return withFound(query, state, (found) => readFound(found, state));
}

function readFound(found: FoundResults, state: IndexState): FoundOutcome {
  const { snapshot, time } = state.published;
  const items = found.items.map(({ slot, score, relevance, ...components }) => {
    refuseDamagedRecord(state.damage, slot, () => publishedLeaf(slot, state));
    return { record: recordOf(revisionIn(slot, state), state), score, relevance, components };
  });
  return { snapshot, time, items };
}

/** A revision never changes, so it is always the same object, which a thread need not be sent twice. */
const written = new WeakMap<StoredRevision, WrittenRecord>();

function recordOf(revision: StoredRevision, state: IndexState): WrittenRecord {
  const known = written.get(revision);
  if (known !== undefined) return known;
  const record = { ...toRecord(revision), ...writerOf(revision.version, state) };
  written.set(revision, record);
  return record;
}

/** @throws StoreError STORE_DAMAGED */
function revisionIn(slot: number, { revisions, published }: IndexState): StoredRevision {
  const known = revisions.get(slot);
  if (known !== undefined) return known;
  const revision = readRevision(published.reader, slot);
  if (revision === null) {
    throw new StoreError('STORE_DAMAGED', `slot ${slot} is searched but holds no record; restore a backup`);
  }
  revisions.set(slot, revision);
  return revision;
}

type Writer = Pick<WrittenRecord, 'signer' | 'custody' | 'author'>;

/** A signature is checked once: a question for 1,000 records of as many writes takes six times as long otherwise. */
const checked = new WeakMap<IndexState['database'], Lru<number, Writer>>();

function writerOf(version: number, { database, published }: IndexState): Writer {
  const known = checked.get(database) ?? createLru<number, Writer>(checkedWritesMax);
  checked.set(database, known);
  const writer = known.get(version);
  if (writer !== undefined) return writer;
  const { signer, custody, author } = readWrite(findWrite(version, published)).statement;
  known.set(version, { signer, custody, author });
  return { signer, custody, author };
}
