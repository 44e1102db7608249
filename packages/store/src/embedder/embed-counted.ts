import { StoreError } from '../errors.ts';
import { embedTextsAtOnce } from '../limits.ts';
import type { CountedVectors } from '../embedding.ts';

interface CountingModel {
  /** Most tokens that the model reads. */
  window: number;
  /** The vector is null when the text has more tokens. */
  one(text: string): Promise<{ vector: Float32Array<ArrayBuffer> | null; tokens: number | null }>;
}

/**
 * Embeds texts, a few at a time so that other callers get their turns, until all are done or one is too long.
 *
 * @throws StoreError TEXT_TOO_LONG; the errors of the model; the signal's reason
 */
export async function embedCounted(
  texts: readonly string[],
  { window, one }: CountingModel,
  signal?: AbortSignal,
): Promise<CountedVectors> {
  const vectors: Float32Array<ArrayBuffer>[] = [];
  let tokens = 0;
  let next = 0;
  let failed = false;
  const work = async (): Promise<void> => {
    while (next < texts.length && !failed) {
      signal?.throwIfAborted();
      const at = next++;
      const embedded = await one(texts[at]!);
      tokens += embedded.tokens ?? 0;
      if (embedded.vector === null) throw tooLong(at, embedded.tokens ?? 0, window);
      vectors[at] = embedded.vector;
    }
  };
  const workers = Array.from({ length: Math.min(embedTextsAtOnce, texts.length) }, () =>
    work().catch((error: unknown) => {
      failed = true;
      throw error;
    }),
  );
  await Promise.all(workers);
  return { vectors, tokens };
}

const tooLong = (at: number, tokens: number, window: number): StoreError =>
  new StoreError(
    'TEXT_TOO_LONG',
    `text ${at} has ${tokens} tokens, and the embedding model reads at most ${window}: cut it into shorter texts`,
  );
