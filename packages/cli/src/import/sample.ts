import { createHash } from 'node:crypto';
import type { OwnIndexClient } from '@tributary/client';
import { toSparse, type Metadata, type SparseInput } from '@tributary/schemas';
import { importSampleMax } from './limits.ts';

/** A record that is compared at the end with what the index has then. */
export interface Sampled {
  namespace: string;
  id: string;
  digest: string;
}

interface Content {
  text?: string | undefined;
  /** As base64url; left out where the node embeds. */
  vector?: string | undefined;
  sparse?: SparseInput | undefined;
  metadata?: Metadata | undefined;
}

/**
 * A uniform sample of all ids: those whose hashes are smallest. So it does not depend on the order, an id counts once,
 * and a resumed run continues the sample of the one before.
 */
export function createSample(before: readonly Sampled[], size: number = importSampleMax) {
  const held = new Map(before.map((one) => [rankOf(one), one]));
  let largest = largestOf(held, size);
  return {
    take(namespace: string, record: { id: string } & Content): void {
      const rank = rankOf({ namespace, id: record.id });
      if (largest !== null && rank > largest) return;
      held.set(rank, { namespace, id: record.id, digest: digestOf(record) });
      if (held.size > size) held.delete(largestOf(held, 0)!);
      largest = largestOf(held, size);
    },
    records: (): Sampled[] => [...held.values()],
  };
}

/** Null while there are fewer than `size`. */
function largestOf(held: ReadonlyMap<string, unknown>, size: number): string | null {
  if (held.size < size) return null;
  let largest = '';
  for (const rank of held.keys()) if (rank > largest) largest = rank;
  return largest;
}

const rankOf = ({ namespace, id }: { namespace: string; id: string }): string =>
  createHash('sha256')
    .update(JSON.stringify([namespace, id]))
    .digest('hex');

function digestOf({ text = '', vector, sparse, metadata = {} }: Content): string {
  const form = sparse === undefined ? null : toSparse(sparse);
  const pairs = form === null ? null : [[...form.indices], [...form.values]];
  const members = Object.entries(metadata).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([text, vector ?? null, pairs, members]))
    .digest('base64');
}

/** Ids of the sampled records that are missing in the index or differ there in text, vector or metadata. */
export async function compareSample(
  sample: readonly Sampled[],
  index: Pick<OwnIndexClient, 'fetch'>,
  { embed, signal }: { embed: boolean; signal: AbortSignal },
): Promise<string[]> {
  const wrong: string[] = [];
  for (const [namespace, wanted] of Map.groupBy(sample, (one) => one.namespace)) {
    const ids = wanted.map(({ id }) => id);
    const there = await index.fetch(ids, { namespace, vectors: !embed, signal });
    const digests = new Map(there.map((record) => [record.id, digestOf(record)]));
    wrong.push(...wanted.filter(({ id, digest }) => digests.get(id) !== digest).map(({ id }) => id));
  }
  return wrong;
}
