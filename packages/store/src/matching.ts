import { metadata, writeOperationsMax, type Metadata, inWords } from '@tributary/schemas';
import { StoreError } from './errors.ts';
import { matchesMax } from './limits.ts';
import type { IndexStatus, MatchingChange, MatchOptions, WriteResult } from './types.ts';
import type { MatchRequest } from './worker/protocol.ts';
import type { IndexProxy } from './worker/proxy.ts';
import type { WriteOperation } from './write/types.ts';

/** @throws StoreError RECORD_INVALID */
export function matchRequest({ namespace = '', filter, limit, after = null }: MatchOptions): MatchRequest {
  if (!Number.isInteger(limit) || limit < 1 || limit > matchesMax)
    throw new StoreError('RECORD_INVALID', `the limit of a page is 1 to ${matchesMax}, not ${limit}`);
  return { namespace, filter, limit, after };
}

/**
 * Updates the records that match the filter, in writes of the largest size. Going through the slots once keeps the
 * pages separate, because an update leaves a record in its slot.
 *
 * @throws StoreError METADATA_INVALID, STORE_BUSY; TributaryError FILTER_INVALID
 */
export async function updateMatching(
  change: MatchingChange,
  proxy: Pick<IndexProxy, 'call'>,
  write: (operations: WriteOperation[]) => Promise<WriteResult>,
  status: () => Pick<IndexStatus, 'sequence'>,
): Promise<WriteResult> {
  const { namespace = '', filter, setMetadata, removeMetadata = [], dryRun = false } = change;
  checkMetadata(setMetadata);
  const limit = dryRun ? 1 : writeOperationsMax;
  let page = await proxy.call('matchingIds', { namespace, filter, limit, after: null });
  const result = { sequence: status().sequence, count: 0 };
  if (dryRun) return { ...result, count: page.total };
  for (;;) {
    const operations = page.ids.map((id) => ({
      kind: 'update' as const,
      namespace,
      id,
      text: null,
      vector: null,
      sparse: null,
      setMetadata,
      removeMetadata,
    }));
    if (operations.length > 0) {
      const written = await write(operations);
      result.sequence = written.sequence;
      result.count += written.count;
    }
    if (page.next === null) return result;
    page = await proxy.call('matchingIds', { namespace, filter, limit, after: page.next });
  }
}

/**
 * Checked even when nothing matches, so that a call is right or wrong whatever is stored.
 *
 * @throws StoreError METADATA_INVALID
 */
function checkMetadata(value: Metadata): void {
  const result = metadata.safeParse(value, { error: inWords });
  if (!result.success)
    throw new StoreError('METADATA_INVALID', `the metadata: ${result.error.issues[0]?.message ?? 'wrong shape'}`);
}
