import { searchText, type RecordInput } from '@tributary/schemas';
import { embedTextsAtOnce } from '../limits.ts';
import type { Embedder } from '../types.ts';
import type { Embedded } from './types.ts';

/**
 * Gives each record the vector of its searched text, the longest texts first so that processors finish together. When
 * the signal comes, what is embedded already is kept and the rest left.
 *
 * @throws StoreError EMBED_FAILED
 */
export async function embedRecords(
  records: readonly RecordInput[],
  embedder: Embedder,
  signal?: AbortSignal,
  onEmbedded: (count: number) => void = () => undefined,
): Promise<Embedded> {
  const texts = records.map(({ text = '', source = null }) => searchText({ text, source }));
  const order = texts.map((_, at) => at).sort((a, b) => texts[b]!.length - texts[a]!.length);
  const vectors: (Float32Array<ArrayBuffer> | undefined)[] = records.map(() => undefined);
  let next = 0;
  let failure: unknown;
  const isStopped = (): boolean => signal?.aborted === true;
  const work = async (): Promise<void> => {
    while (next < order.length && !isStopped() && failure === undefined) {
      const at = order[next++]!;
      try {
        [vectors[at]] = await embedder.embed([texts[at]!], 'document', signal);
        onEmbedded(1);
      } catch (error) {
        if (!isStopped()) failure = error;
      }
    }
  };
  // More texts than processors: the next waits in the queue when a processor comes to the end of one.
  await Promise.all(Array.from({ length: embedTextsAtOnce }, work));
  if (failure !== undefined) throw failure;
  const embedded = records.flatMap((record, at) => (vectors[at] === undefined ? [] : [{ ...record, vector: vectors[at] }]));
  return { records: embedded, complete: embedded.length === records.length };
}
