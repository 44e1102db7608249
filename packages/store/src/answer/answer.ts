import { vectorToBase64url } from '@tributary/proof/primitives';
import { parseStrict, request, requestBytesMax } from '@tributary/schemas';
import { StoreError } from '../errors.ts';
import { readPast } from '../snapshot/past.ts';
import { leavesAt } from '../snapshot/undo.ts';
import type { IndexState } from '../state.ts';
import type { AnswerJournal, AnswerOutcome } from '../types.ts';
import { encodeAnswer } from './encode.ts';
import { proveAgain, proveItems } from './prove.ts';
import { withFound } from './search.ts';
import type { FoundResults, IndexQuery } from './types.ts';

/**
 * Answers a question from the published snapshot: (ask →) search → load → prove → encode. All of it but `ask` runs in
 * one synchronous turn, so that no write can come between.
 *
 * @throws StoreError QUERY_INVALID, VECTOR_DIMENSION, VECTOR_NOT_FINITE, VECTOR_ZERO, STORE_DAMAGED,
 *   ENGINE_*; TributaryError FILTER_INVALID
 */
export function answerQuery(query: IndexQuery, state: IndexState): AnswerOutcome | Promise<AnswerOutcome> {
  return withFound(query, state, (found) => answerWith(found, query, state));
}

function answerWith(found: FoundResults, query: IndexQuery, state: IndexState): AnswerOutcome {
  const { snapshot, manifestHash } = state.published;
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
  const past = readPast(snapshot, published.reader);
  if (past === null) throw new StoreError('STORE_DAMAGED', `manifest ${snapshot} is missing; restore a backup`);
  return past;
}
