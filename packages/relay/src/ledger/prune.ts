import { isPastEpoch, splitExposureKey } from './exposure.ts';
import type { LedgerDatabase } from './disk.ts';
import { encodePruned } from './load.ts';
import { rowFacts } from './journal.ts';
import { exposureCountKey, exposureEpochRange, journalKey, prunedKey } from './keys.ts';
import { pruneRowsMax } from './limits.ts';
import { putRow, type Draft } from './state.ts';
import { entryAt } from './read-entries.ts';

/**
 * Removes expired journal rows, oldest first. The entries stay. They say which rows exist, so no index by time is
 * stored that could contradict them. The latest removed deadline is remembered, so that a clock that is set back cannot
 * revive a ticket.
 *
 * @param committed number of the last entry on disk
 */
export function pruneJournal(draft: Draft, committed: number): void {
  const { database, state, steadyMs } = draft;
  if (steadyMs < (state.pruned.nextMs ?? 0)) return;
  let { through, floorMs } = state.pruned;
  const end = Math.min(committed, through + pruneRowsMax);
  for (; through < end; through += 1) {
    const entry = entryAt(database, through + 1);
    if (entry.type !== 'charge') continue;
    if (entry.keepUntil > steadyMs) {
      state.pruned.nextMs = entry.keepUntil;
      break;
    }
    const key = journalKey(entry.channel, entry.ticket);
    const bytes = database.get(key);
    const row = bytes === undefined ? null : rowFacts(bytes);
    // A row that was replaced by a later entry of the ticket lives as long as that entry says.
    if (row === null || row.entry !== entry.entry || draft.put.has(key.toString('hex'))) continue;
    draft.operations.push({ key, value: null });
    floorMs = Math.max(floorMs, row.deadline);
  }
  if (through === state.pruned.through) return;
  Object.assign(state.pruned, { through, floorMs });
  putRow(draft, prunedKey(), encodePruned(state.pruned));
}

/** Up to `pruneRowsMax` rows of seen records of past epochs, and the counts of their groups. */
export async function pastEpochRows(database: LedgerDatabase, nowMs: number): Promise<Buffer[]> {
  const keys: Buffer[] = [];
  const counts = new Map<string, Buffer>();
  for await (const [key] of database.scan(exposureEpochRange)) {
    const row = splitExposureKey(key.subarray(1));
    if (row === null || !isPastEpoch(row.group, nowMs)) continue;
    keys.push(key);
    counts.set(Buffer.from(row.group).toString('hex'), exposureCountKey(row.group));
    if (keys.length >= pruneRowsMax) break;
  }
  return [...keys, ...counts.values()];
}
