import { gpuBatchTextsMax, gpuBatchTokensMax } from '../limits.ts';

/** Gathers single items, texts or pairs of them, into calls of a model that computes many side by side. */
export interface Batcher<Item, Result> {
  /** Questions go before documents. The signal takes back an item that waits. */
  run(item: Item, options: { urgent: boolean; signal: AbortSignal | undefined }): Promise<Result>;
}

interface Waiting<Item, Result> {
  item: Item;
  tokens: number;
  signal: AbortSignal | undefined;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

export interface BatcherOptions<Item, Result> {
  run(items: Item[]): Promise<Result[]>;
  /** Estimate of an item's tokens, at most the window. */
  tokensOf(item: Item): number;
  /** Most items of a call. Default: {@link gpuBatchTextsMax}. */
  textsMax?: number;
  /** Whether a smaller call may do better after that error. Default: after any. */
  halvesOn?(error: unknown): boolean;
}

/** Fewest characters of a token in usual texts. */
const CHARACTERS_PER_TOKEN = 3;

/** Estimate by which batches are sized, at most the window. */
export const tokensAbout = (characters: number, window: number): number =>
  Math.min(window, Math.ceil(characters / CHARACTERS_PER_TOKEN));

/** One call computes while the next is gathered. */
const CALLS_AT_ONCE = 2;

/**
 * A call holds at most so many padded tokens. The bound starts at {@link gpuBatchTokensMax} and halves whenever a call
 * of several items fails, as it does when the memory of the device is too small; its items are tried again.
 */
export function createBatcher<Item, Result>(options: BatcherOptions<Item, Result>): Batcher<Item, Result> {
  const { run, tokensOf, textsMax = gpuBatchTextsMax, halvesOn = () => true } = options;
  const urgent: Waiting<Item, Result>[] = [];
  const others: Waiting<Item, Result>[] = [];
  let tokensMax = gpuBatchTokensMax;
  let calls = 0;

  const call = async (batch: Waiting<Item, Result>[]): Promise<void> => {
    try {
      const results = await run(batch.map(({ item }) => item));
      for (const [at, { resolve }] of batch.entries()) resolve(results[at]!);
    } catch (error) {
      if (batch.length === 1 || !halvesOn(error)) {
        for (const { reject } of batch) reject(error);
        return;
      }
      tokensMax = Math.max(1, Math.floor(tokensMax / 2));
      const middle = Math.ceil(batch.length / 2);
      await call(batch.slice(0, middle));
      await call(batch.slice(middle));
    }
  };
  const pump = (): void => {
    while (calls < CALLS_AT_ONCE) {
      const batch = takeBatch(urgent.length > 0 ? urgent : others, tokensMax, textsMax);
      if (batch.length === 0) return;
      calls += 1;
      void call(batch).finally(() => {
        calls -= 1;
        pump();
      });
    }
  };
  return {
    run: (item, { urgent: first, signal }) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted === true) return reject(signal.reason as Error);
        (first ? urgent : others).push({ item, tokens: tokensOf(item), signal, resolve, reject });
        // Whoever gives several items does so in one turn.
        queueMicrotask(pump);
      }),
  };
}

function takeBatch<Item, Result>(queue: Waiting<Item, Result>[], tokensMax: number, textsMax: number): Waiting<Item, Result>[] {
  const batch: Waiting<Item, Result>[] = [];
  let longest = 0;
  while (queue.length > 0 && batch.length < textsMax) {
    const next = queue[0]!;
    const padded = Math.max(longest, next.tokens) * (batch.length + 1);
    if (batch.length > 0 && padded > tokensMax) break;
    queue.shift();
    if (next.signal?.aborted === true) {
      next.reject(next.signal.reason);
      continue;
    }
    longest = Math.max(longest, next.tokens);
    batch.push(next);
  }
  return batch;
}
