import { setImmediate } from 'node:timers/promises';
import { isPastEpoch, splitExposureKey } from './exposure.ts';
import { createBalances } from './balances.ts';
import { writeBalances, type Checkpoint } from './checkpoint.ts';
import { damaged, type LedgerDatabase } from './disk.ts';
import { zeroHashBytes } from './entries.ts';
import { exposureCountKey, exposureRange } from './keys.ts';
import { verifySliceEntries } from './limits.ts';
import { replay } from './replay.ts';
import { countIn, type LedgerState } from './state.ts';

/**
 * Reads the whole chain, whatever checkpoint the ledger was opened from, and compares the resulting balances with those
 * in use.
 *
 * @param wanted tip and text of the balances at a moment when both were on disk
 * @throws RelayError LEDGER_DAMAGED with the place
 */
export async function verifyLedger(
  database: LedgerDatabase,
  wanted: { readonly tip: Checkpoint['tip']; readonly text: string; readonly atMs: number },
  state: LedgerState,
): Promise<void> {
  const follower = { balances: createBalances(state.balances.network), tip: { entry: 0, hash: zeroHashBytes() } };
  await replay(database, follower, {
    last: wanted.tip.entry,
    pruned: () => state.pruned.through,
    after: ({ tip }) => (tip.entry % verifySliceEntries === 0 ? setImmediate() : undefined),
  });
  if (writeBalances(follower, wanted.atMs) !== wanted.text)
    throw damaged(`the balances at entry ${wanted.tip.entry} are not those that follow from the chain`);
  await verifyExposure(database, wanted.atMs);
}

/** No group may count fewer records than its rows. It may count more, as rows are added while this runs. */
async function verifyExposure(database: LedgerDatabase, nowMs: number): Promise<void> {
  let group: Uint8Array | null = null;
  let seen = 0;
  const close = (): void => {
    if (group === null || isPastEpoch(group, nowMs)) return;
    if (countIn(database.get(exposureCountKey(group))) < seen) throw damaged('fewer seen records are counted than were shown');
  };
  let read = 0;
  for await (const [key] of database.scan(exposureRange)) {
    const row = splitExposureKey(key.subarray(1));
    if (row === null) throw damaged('a row of seen records has a wrong length');
    if (group === null || !Buffer.from(row.group).equals(group)) {
      close();
      [group, seen] = [row.group, 0];
    }
    seen += 1;
    read += 1;
    if (read % verifySliceEntries === 0) await setImmediate();
  }
  close();
}
