import { searchText, type RecordInput } from '@tributary/schemas';
import { embedSliceTexts } from '../limits.ts';
import type { Embedder } from '../types.ts';

/**
 * Gives each record the vector of its searched text, the longest texts first so that processors finish together. Looks at the signal
 * between slices.
 *
 * @throws StoreError EMBED_FAILED; the signal's reason
 */
export async function embedRecords(
  records: readonly RecordInput[],
  embedder: Embedder,
  signal?: AbortSignal,
  onEmbedded: (count: number) => void = () => undefined,
): Promise<RecordInput[]> {
  const texts = records.map(({ text = '', source = null }) => searchText({ text, source }));
  const order = texts.map((_, at) => at).sort((a, b) => texts[b]!.length - texts[a]!.length);
  const embedded = [...records];
  const embedSlice = async (slice: readonly number[]): Promise<void> => {
    const vectors = await embedder.embed(
      slice.map((index) => texts[index]!),
      'document',
      signal,
    );
    slice.forEach((index, place) => (embedded[index] = { ...records[index]!, vector: vectors[place]! }));
    onEmbedded(slice.length);
  };
  // Two slices at a time: the next waits in the queue when the processors come to the end of one.
  const running: Promise<void>[] = [];
  for (let at = 0; at < order.length; at += embedSliceTexts) {
    if (running.length > 1) await running.shift();
    signal?.throwIfAborted();
    const slice = embedSlice(order.slice(at, at + embedSliceTexts));
    slice.catch(() => undefined); // awaited in its turn
    running.push(slice);
  }
  await Promise.all(running);
  return embedded;
}
