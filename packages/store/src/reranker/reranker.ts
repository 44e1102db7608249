import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { createBatcher, tokensAbout } from '../embedder/batcher.ts';
import { openOnDevice, type LocalChoice } from '../embedder/device.ts';
import { openModelPool } from '../embedder/model-pool.ts';
import type { DeviceWish } from '../embedding.ts';
import { StoreError } from '../errors.ts';
import { rerankPairsWaitingMax, rerankWorkersMax } from '../limits.ts';
import type { Reranker } from '../reranking.ts';
import type { Pool } from '../threads/pool.ts';
import { readReranker, type RunnableReranker } from './read-reranker.ts';

export interface RerankerOptions {
  /** Folder with config.json, the tokenizer and the ONNX file of a cross-encoder. */
  modelDirectory: string;
  /** Number of pairs computed at once. Default: one per processor, at most `rerankWorkersMax`. */
  workers?: number;
  /** Default: `cpu`. */
  device?: DeviceWish;
  /** Time without a text after which the model is let go until the next, in milliseconds. Default: `modelIdleMs`. */
  idleMs?: number | undefined;
}

/** Start data of a worker. */
export type RerankStart = { directory: string } & Pick<RunnableReranker, 'maxTokens'> & Pick<LocalChoice, 'device' | 'weights'>;

export interface Pair {
  question: string;
  text: string;
}

/** With `whole`, a pair that is longer than the window gets no score; otherwise it is cut. */
export interface RerankTask {
  pairs: Pair[];
  whole: boolean;
}

/** The score; null when the pair is too long. Tokens of the pair before it was cut. */
export interface Reranked {
  score: number | null;
  tokens: number;
}

export type RerankPool = Pool<RerankTask, Reranked[]>;
type RerankOne = (pair: Pair, whole: boolean, signal: AbortSignal | undefined) => Promise<Reranked>;

/**
 * Opens a reranking model on this machine; nothing is downloaded. It is loaded once at the start, because its files
 * have no checksums.
 *
 * @throws StoreError MODEL_NOT_FOUND, DEVICE_UNAVAILABLE
 */
export async function openReranker({ modelDirectory, workers, device = 'cpu', idleMs }: RerankerOptions): Promise<Reranker> {
  const directory = resolve(modelDirectory);
  const { id, maxTokens, weights } = await readReranker(directory);
  const { opened: pool, choice } = await openOnDevice(device, weights, (on) =>
    openRerankPool({ directory, ...on, maxTokens }, on.device === 'cpu' ? workers : 1, idleMs),
  );
  const one = choice.device === 'cpu' ? oneByOne(pool) : inBatches(pool, maxTokens);
  return {
    id,
    maxTokens,
    device: choice,
    async rerank(question, texts, { whole = false, signal } = {}) {
      signal?.throwIfAborted();
      const all = await Promise.all(texts.map((text) => one({ question, text }, whole, signal)));
      return all.map(({ score, tokens }, at) => checked(score, tokens, at, maxTokens));
    },
    close: () => pool.close(),
  };
}

const oneByOne =
  (pool: RerankPool): RerankOne =>
  async (pair, whole, signal) =>
    (await pool.run({ pairs: [pair], whole }, { signal }))[0]!;

/** A graphics processor computes many pairs in the time of one. */
function inBatches(pool: RerankPool, maxTokens: number): RerankOne {
  const tokensOf = ({ question, text }: Pair): number => tokensAbout(question.length + text.length, maxTokens);
  const batcher = (whole: boolean) => createBatcher({ run: (pairs: Pair[]) => pool.run({ pairs, whole }), tokensOf });
  const [entire, cut] = [batcher(true), batcher(false)];
  return (pair, whole, signal) => (whole ? entire : cut).run(pair, { urgent: false, signal });
}

/** @internal exported for its tests */
export function openRerankPool(
  start: RerankStart,
  workersMax = Math.min(availableParallelism(), rerankWorkersMax),
  idleMs?: number,
): Promise<RerankPool> {
  const worker = new URL('./rerank-worker.ts', import.meta.url);
  const bounds = { workersMax, waitingMax: rerankPairsWaitingMax, idleMs, loadNow: true };
  return openModelPool({ worker, start, ...bounds, work: 'reranking', failed: 'RERANK_FAILED' });
}

function checked(score: number | null, tokens: number, at: number, maxTokens: number): number {
  if (score === null)
    throw new StoreError(
      'TEXT_TOO_LONG',
      `text ${at} and the question have ${tokens} tokens, and the reranking model reads at most ${maxTokens}: cut the text`,
    );
  if (!Number.isFinite(score)) throw new StoreError('RERANK_FAILED', 'the reranking model gave a score that is no number');
  return score;
}
