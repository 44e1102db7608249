import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { modelDigest } from '@tributary/proof/statements';
import { StoreError } from '../errors.ts';
import { embedTextsWaitingMax, embedWorkersMax, gpuTextsAtOnce } from '../limits.ts';
import type { Pool } from '../threads/pool.ts';
import type { DeviceWish, Embedder } from '../embedding.ts';
import { createBatcher, tokensAbout } from './batcher.ts';
import { readModel, type RunnableModel } from './card.ts';
import { openOnDevice, type LocalChoice } from './device.ts';
import { openEndpoint } from './endpoint/endpoint.ts';
import type { EndpointOptions } from './endpoint/request.ts';
import { embedCounted } from './embed-counted.ts';
import { openModelPool } from './model-pool.ts';
import { openTokenCounter } from './tokenizer.ts';

export interface EmbedderOptions {
  /** Folder with card.json, the tokenizer and the ONNX file. */
  modelDirectory: string;
  /** Number of texts embedded at once. Default: one per processor, at most `embedWorkersMax`. */
  workers?: number;
  /** Default: `cpu`. */
  device?: DeviceWish;
  /** Time without a text after which the model is let go until the next, in milliseconds. Default: `modelIdleMs`. */
  idleMs?: number | undefined;
  /** Embeds there, not with a model in a folder. */
  endpoint?: EndpointOptions;
}

/** Start data of an embedding worker. */
export type EmbedStart = { directory: string } & Pick<RunnableModel, 'pooling' | 'normalize' | 'maxTokens'> &
  Pick<LocalChoice, 'device' | 'weights'>;

/** Texts with their prefixes. Where tokens are counted, a text that is longer than the window is not embedded. */
export interface EmbedTask {
  texts: string[];
  count: boolean;
}

/** The vector; null when the text is too long. Tokens; null when they were not counted. */
export interface Embedded {
  vector: Float32Array<ArrayBuffer> | null;
  tokens: number | null;
}

type Kind = Parameters<Embedder['embed']>[1];
type EmbedPool = Pool<EmbedTask, Embedded[]>;
type Options = { count: boolean; urgent: boolean; signal: AbortSignal | undefined };
type EmbedOne = (text: string, options: Options) => Promise<Embedded>;

/**
 * Opens an embedding model on this machine, or at an endpoint; nothing is downloaded. Its files are checked against the
 * card first. It is loaded when it is first needed; one without a card, or for a graphics processor, is loaded at once,
 * because only that shows whether it works. Questions are embedded before documents.
 *
 * @throws StoreError MODEL_NOT_FOUND, DEVICE_UNAVAILABLE
 */
export async function openEmbedder({ endpoint, ...options }: EmbedderOptions): Promise<Embedder> {
  if (endpoint === undefined) return openLocal(options);
  if (options.device === 'gpu')
    throw new StoreError('DEVICE_UNAVAILABLE', 'an embedding endpoint computes elsewhere: leave --device gpu out');
  return openEndpoint(endpoint);
}

type LocalOptions = Omit<EmbedderOptions, 'endpoint'>;

async function openLocal({ modelDirectory, workers, device = 'cpu', idleMs }: LocalOptions): Promise<Embedder> {
  const directory = resolve(modelDirectory);
  const model = await readModel(directory);
  const tokenizer = { directory, prefix: model.prefixDocument };
  const countTokens = await openTokenCounter(tokenizer, !model.checked);
  const { pooling, normalize, dimension, maxTokens } = model;
  const { opened: pool, choice } = await openOnDevice(device, model.weights, (on) =>
    openPool(
      { directory, ...on, pooling, normalize, maxTokens },
      {
        workersMax: on.device === 'cpu' ? workers : 1,
        idleMs,
        loadNow: on.device !== 'cpu' || !model.checked,
      },
    ),
  );
  const run = choice.device === 'cpu' ? oneByOne(pool) : inBatches(pool, maxTokens);
  const one = async (text: string, kind: Kind, count: boolean, signal: AbortSignal | undefined): Promise<Embedded> => {
    const urgent = kind === 'query';
    const embedded = await run((urgent ? model.prefixQuery : model.prefixDocument) + text, { count, urgent, signal });
    if (embedded.vector === null) return embedded;
    checkOutput(embedded.vector, dimension);
    // As it came from the worker it is a part of a larger buffer.
    return { ...embedded, vector: embedded.vector.slice() };
  };
  return {
    card: model.card,
    digest: modelDigest(model.card),
    dimension,
    maxTokens,
    device: choice,
    ...(choice.device === 'cpu' ? {} : { textsAtOnce: gpuTextsAtOnce }),
    async embed(texts, kind, signal) {
      signal?.throwIfAborted();
      const embedded = await Promise.all(texts.map((text) => one(text, kind, false, signal)));
      return embedded.map(({ vector }) => vector!);
    },
    embedCounted: (texts, kind, signal) =>
      embedCounted(texts, { window: maxTokens, one: (text) => one(text, kind, true, signal) }, signal),
    countTokens,
    tokenizer,
    close: () => pool.close(),
  };
}

const oneByOne =
  (pool: EmbedPool): EmbedOne =>
  async (text, { count, urgent, signal }) =>
    (await pool.run({ texts: [text], count }, { urgent, signal }))[0]!;

/** A graphics processor computes many texts in the time of one. */
function inBatches(pool: EmbedPool, maxTokens: number): EmbedOne {
  const tokensOf = (text: string): number => tokensAbout(text.length, maxTokens);
  const batcher = (count: boolean) => createBatcher({ run: (texts: string[]) => pool.run({ texts, count }), tokensOf });
  const [counting, plain] = [batcher(true), batcher(false)];
  return (text, { count, urgent, signal }) => (count ? counting : plain).run(text, { urgent, signal });
}

type PoolOptions = { workersMax: number | undefined; idleMs: number | undefined; loadNow: boolean };

function openPool(start: EmbedStart, { workersMax, ...options }: PoolOptions): Promise<EmbedPool> {
  const worker = new URL('./embed-worker.ts', import.meta.url);
  return openModelPool({
    worker,
    start,
    workersMax: workersMax ?? Math.min(availableParallelism(), embedWorkersMax),
    waitingMax: embedTextsWaitingMax,
    work: 'embedding',
    failed: 'EMBED_FAILED',
    ...options,
  });
}

function checkOutput(vector: Float32Array, dimension: number): void {
  if (vector.length !== dimension || !vector.every(Number.isFinite)) {
    throw new StoreError(
      'EMBED_FAILED',
      `the model gave a vector of ${vector.length} components or with NaN; its card says ${dimension}`,
    );
  }
}
