import { vectorToBase64url } from '@tributary/proof/primitives';
import { TAG_MANIFEST, statementHash } from '@tributary/proof/statements';
import { parseStrict, request, requestBytesMax, type Manifest } from '@tributary/schemas';
import { manifestKey } from '../disk/keys.ts';
import { StoreError } from '../errors.ts';
import { leavesAt } from '../snapshot/undo.ts';
import type { IndexState } from '../state.ts';
import type { AnswerJournal, AnswerOutcome } from '../types.ts';
import { encodeAnswer } from './encode.ts';
import { proveAgain, proveItems } from './prove.ts';
import { searchRecords } from './search.ts';
import type { IndexQuery } from './types.ts';

/**
 * Answers a question from the published snapshot: search → load → prove → encode. All of it runs in one synchronous
 * turn, so that no write can come between.
 *
 * @throws StoreError QUERY_INVALID, VECTOR_DIMENSION, VECTOR_NOT_FINITE, VECTOR_ZERO, STORE_DAMAGED; TributaryError
 *   FILTER_INVALID
 */
export function answerQuery(query: IndexQuery, state: IndexState): AnswerOutcome {
  const { snapshot, manifestHash } = state.published;
  const found = searchRecords(query, state.engine, state.settings);
  const proven = proveItems(found.items, state);
  return encodeAnswer(
    {
      status: proven.length === 0 ? 'empty' : 'ok',
      index: state.settings.id,
      snapshot,
      manifest: manifestHash,
      mode: query.parsed.mode,
      queryVector: query.queryVector === null ? null : vectorToBase64url(query.queryVector),
      statistics: found.statistics,
    },
    proven,
  );
}

/**
 * Builds the bytes of an earlier answer again, from what the journal kept of it. When a record was changed or deleted
 * since, or the snapshot is older than `answerKeepMs`, the answer says `gone` and names the present snapshot.
 */
export function rebuildAnswer(journal: AnswerJournal, state: IndexState): AnswerOutcome {
  const parsed = parseStrict(request, journal.request, 'the request in the journal', requestBytesMax);
  const { settings, published } = state;
  const again = { index: settings.id, mode: parsed.mode };
  const past = manifestAt(journal.snapshot, state);
  const leaves = past === null ? null : leavesAt(journal.snapshot, state.undo, state.pending);
  if (past !== null && leaves !== null) {
    const proven = proveAgain(journal.items, state, state.tree.at(past.size, leaves));
    if (proven !== null) {
      const { snapshot, queryVector, statistics } = journal;
      const status = proven.length === 0 ? 'empty' : 'ok';
      return encodeAnswer({ ...again, status, snapshot, manifest: past.hash, queryVector, statistics }, proven);
    }
  }
  const { snapshot, manifestHash } = published;
  return encodeAnswer({ ...again, status: 'gone', snapshot, manifest: manifestHash, queryVector: null, statistics: null }, []);
}

function manifestAt(snapshot: number, { published }: IndexState): { hash: string; size: number } | null {
  if (snapshot > published.snapshot) return null;
  if (snapshot === published.snapshot) return { hash: published.manifestHash, size: published.tree.size };
  const body = published.reader.get(manifestKey(snapshot))?.toString();
  if (body === undefined) throw new StoreError('STORE_DAMAGED', `manifest ${snapshot} is missing; restore a backup`);
  return { hash: statementHash(TAG_MANIFEST, body), size: (JSON.parse(body) as Manifest).tree.size };
}
