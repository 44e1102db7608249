import type { DatabaseSync } from 'node:sqlite';
import { isBusy } from '../rows-error.ts';

/** Rows that one step looks at: some 3 ms. */
const STEP_ROWS = 1_000;

/**
 * Each row of the table, looked for by its key. Binary search finds every key of a sorted tree and of no other, so rows
 * that are all found are in order, and no range misses one either.
 */
const STEP = `SELECT count(*) AS rows, max(place) AS last, min(CASE WHEN found IS NOT place THEN place END) AS hidden
  FROM (SELECT here.rowid AS place, (SELECT there.rowid FROM rows AS there WHERE there.key = here.key) AS found
    FROM rows AS here NOT INDEXED WHERE here.rowid > ? ORDER BY here.rowid LIMIT ${STEP_ROWS})`;

/** How a step ended: there are more rows, all are found, or one is not. */
export type SweepStep = 'more' | 'done' | { hidden: number };

/**
 * Looks in steps for rows that SQLite's index of the keys hides. Others may read and write between the steps, so nobody
 * waits for it: a purge needs a moment without readers.
 *
 * @returns makes the next step; it throws the errors of SQLite, but for a lock that stands in its way
 */
export function createSweep(database: Pick<DatabaseSync, 'prepare'>): () => SweepStep {
  const statement = database.prepare(STEP);
  const read = (after: number) => {
    try {
      return statement.get(after) as { rows: number; last: number | null; hidden: number | null };
    } catch (error) {
      if (isBusy(error)) return null;
      throw error;
    }
  };
  let last = 0;
  return () => {
    const step = read(last);
    if (step === null) return 'more';
    if (step.hidden !== null) return { hidden: step.hidden };
    last = step.last ?? last;
    return step.rows < STEP_ROWS ? 'done' : 'more';
  };
}
