import { equalBytes, hashLeaf } from '@tributary/proof/primitives';
import { tombstoneEntry } from '@tributary/proof/statements';
import { recordKey } from '../disk/keys.ts';
import { isStoreError } from '../errors.ts';
import { checkFindingsMax } from '../limits.ts';
import { rememberDamage } from '../disk/damage.ts';
import { GRAPH_FILE, graphFault } from '../graph/stored-graph.ts';
import { publishedLeaf } from '../snapshot/undo.ts';
import type { IndexState } from '../state.ts';
import type { CheckFinding, CheckProgress, CheckReport } from '../reports.ts';
import { checkLog, checkWrites } from './chains.ts';
import { checkRecords } from './records.ts';
import type { CheckContext } from './types.ts';

const TOMBSTONE = hashLeaf(tombstoneEntry());

/**
 * Verifies everything on disk as of the snapshot that is published when the check starts: the chain of writes and their
 * signatures, every record against its commitment, the tree, the log and its checkpoint, the head file, the
 * structure of the database, and the checksum of the graph. Answers and writes go on meanwhile. Nothing is repaired.
 * Damaged data is not served from then on; a damaged graph is rebuilt.
 */
export async function checkIndex(state: IndexState, onProgress: (progress: CheckProgress) => void): Promise<CheckReport> {
  const { published, settings, seed, directory } = state;
  const findings: CheckFinding[] = [];
  let findingsCount = 0;
  const context: CheckContext = {
    settings,
    published,
    reader: published.reader,
    writes: new Map(),
    isMissing: (slot) =>
      slot < state.published.tree.size &&
      state.published.reader.get(recordKey(slot)) === undefined &&
      !equalBytes(publishedLeaf(slot, state), TOMBSTONE),
    report(code, where, message) {
      findingsCount += 1;
      if (findings.length < checkFindingsMax) findings.push({ code, where, message });
    },
    progress: onProgress,
  };
  /** A part that cannot be read at all is a finding too. */
  const part = async (name: string, run: () => Promise<number>): Promise<number> => {
    try {
      return await run();
    } catch (error) {
      if (!isStoreError(error)) throw error;
      context.report(error.code, name, error.message);
      return 0;
    }
  };
  const release = published.reader.hold();
  try {
    const writes = await part('writes', async () => checkWrites(context, await state.head.read()));
    const records = await part('records', () => checkRecords(context));
    const snapshots = await part('log', () => checkLog(context, seed));
    const fault = await state.database.checkStructure();
    if (fault !== null) context.report('STORE_DAMAGED', 'db', `${fault}; restore a backup`);
    const damage = [...findings];
    if (findingsCount > damage.length)
      damage.push({ code: 'STORE_DAMAGED', where: 'index', message: `${findingsCount} places are damaged` });
    await rememberDamage(directory, state.damage, damage, (slot) =>
      slot < published.tree.size ? publishedLeaf(slot, state) : null,
    );
    onProgress({ phase: 'graph', done: 0, total: 1 });
    if ((await graphFault(directory)) === 'damaged') {
      context.report('STORE_DAMAGED', GRAPH_FILE, 'its checksum is wrong; it is rebuilt when the index is opened');
    }
    return { ok: findingsCount === 0, writes, records, snapshots, findings, findingsCount };
  } finally {
    release();
  }
}
