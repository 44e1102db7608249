import { searchText, type RecordInput } from '@tributary/schemas';
import { embedTextsAtOnce } from '../limits.ts';
import type { Embedder } from '../embedding.ts';
import type { Embedded } from './types.ts';

/**
 * Computes the vector of each record's searched text. The longest texts come first, so that all processors finish at
 * about the same time. After the signal, finished vectors are kept and the rest is skipped.
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
  // More texts than processors, so that a processor that finishes one finds the next in the queue.
  await Promise.all(Array.from({ length: embedder.textsAtOnce ?? embedTextsAtOnce }, work));
  if (failure !== undefined) throw failure;
  const embedded = records.flatMap((record, at) => (vectors[at] === undefined ? [] : [{ ...record, vector: vectors[at] }]));
  return { records: embedded, complete: embedded.length === records.length };
}
