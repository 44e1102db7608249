import { filterTest, parseFilter } from '@tributary/proof/ranking';
import { writeOperationsMax } from '@tributary/schemas';
import { readRevision, toRecord } from '../disk/records.ts';
import type { StoredRevision } from '../disk/values.ts';
import type { IndexState } from '../state.ts';
import type { MatchPage, WriteResult } from '../types.ts';
import type { DeleteRequest } from '../write/types.ts';
import type { Writer } from '../write/write.ts';
import type { MatchRequest } from './protocol.ts';

/**
 * A page of records that match a filter, in the order of their slots.
 *
 * @throws TributaryError FILTER_INVALID
 */
export function matchingRecords(request: MatchRequest, state: IndexState): MatchPage {
  const { slots, next } = matchingSlots(request, state);
  const records = revisionsOf(slots, state).map(toRecord);
  return { records, next };
}

/**
 * The same as ids, with the total number of matches.
 *
 * @throws TributaryError FILTER_INVALID
 */
export function matchingIds(request: MatchRequest, state: IndexState): { ids: string[]; total: number; next: number | null } {
  const { slots, total, next } = matchingSlots(request, state);
  return { ids: revisionsOf(slots, state).map(({ id }) => id), total, next };
}

function matchingSlots({ namespace, filter, limit, after }: MatchRequest, state: IndexState) {
  const all = state.engine.matching(namespace, parseFilter(filter));
  const rest = after === null ? all : all.subarray(firstAfter(all, after));
  const slots = rest.subarray(0, limit);
  return { slots, total: all.length, next: rest.length > limit ? slots.at(-1)! : null };
}

/** Index of the first number above `after` in an ascending list. */
function firstAfter(slots: Uint32Array, after: number): number {
  let [low, high] = [0, slots.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (slots[middle]! <= after) low = middle + 1;
    else high = middle;
  }
  return low;
}

const revisionsOf = (slots: Uint32Array, { published }: IndexState): StoredRevision[] =>
  [...slots].flatMap((slot) => readRevision(published.reader, slot) ?? []);

/** Deletes what matched when the call arrived, in writes of the largest size. */
export async function deleteMatching(request: DeleteRequest, state: IndexState, writer: Writer): Promise<WriteResult> {
  const { namespace, filter, ...signed } = request;
  const node = filter === null ? null : parseFilter(filter);
  const test = node === null ? () => true : filterTest(node);
  const slots = [...state.engine.matching(namespace, node)];
  let result: WriteResult = { sequence: state.published.write.sequence, count: 0 };
  for (let at = 0; at < slots.length; at += writeOperationsMax) {
    const operations = slots.slice(at, at + writeOperationsMax).flatMap((slot) => {
      const revision = readRevision(state.published.reader, slot);
      // A write in between may have changed the slot.
      const matches = revision !== null && revision.namespace === namespace && test(revision.metadata);
      return matches ? [{ kind: 'delete' as const, namespace, id: revision.id }] : [];
    });
    const written = await writer.submit({ ...signed, operations, salts: new Uint8Array(0), documents: [] });
    result = { sequence: written.sequence, count: result.count + written.count };
  }
  return result;
}
