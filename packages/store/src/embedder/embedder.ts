import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { modelDigest } from '@tributary/proof/statements';
import { StoreError } from '../errors.ts';
import { embedTextsWaitingMax, embedWorkersMax, gpuTextsAtOnce, modelLoadMs } from '../limits.ts';
import { createPool, type Pool, type PoolFault } from '../threads/pool.ts';
import type { DeviceWish, Embedder } from '../embedding.ts';
import { createBatcher } from './batcher.ts';
import { readModel, type RunnableModel } from './card.ts';
import { openOnDevice, type LocalChoice } from './device.ts';
import { openEndpoint } from './endpoint/endpoint.ts';
import type { EndpointOptions } from './endpoint/request.ts';
import { embedCounted } from './embed-counted.ts';
import { openTokenCounter } from './tokenizer.ts';

export interface EmbedderOptions {
  /** Folder with card.json, the tokenizer and the ONNX file. */
  modelDirectory: string;
  /** Number of texts embedded at once. Default: one per processor, at most `embedWorkersMax`. */
  workers?: number;
  /** Default: `cpu`. */
  device?: DeviceWish;
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

/** Fewest characters of a token in usual texts: batches are sized by this estimate. */
const CHARACTERS_PER_TOKEN = 3;

/**
 * Opens an embedding model on this machine, or at an endpoint; nothing is downloaded. Its files are checked against the
 * card first.
 * Questions are embedded before documents.
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

async function openLocal({ modelDirectory, workers, device = 'cpu' }: LocalOptions): Promise<Embedder> {
  const directory = resolve(modelDirectory);
  const model = await readModel(directory);
  const tokenizer = { directory, prefix: model.prefixDocument };
  const countTokens = await openTokenCounter(tokenizer);
  const { pooling, normalize, dimension, maxTokens } = model;
  const { opened: pool, choice } = await openOnDevice(device, model.weights, async (on) => {
    const made = embedPool({ directory, ...on, pooling, normalize, maxTokens }, on.device === 'cpu' ? workers : 1);
    try {
      await made.start();
      return made;
    } catch (error) {
      await made.close();
      throw error;
    }
  });
  const run = choice.device === 'cpu' ? oneByOne(pool) : inBatches(pool, maxTokens);
  const one = async (text: string, kind: Kind, count: boolean, signal: AbortSignal | undefined): Promise<Embedded> => {
    const urgent = kind === 'query';
    const embedded = await run((urgent ? model.prefixQuery : model.prefixDocument) + text, { count, urgent, signal });
    if (embedded.vector !== null) checkOutput(embedded.vector, dimension);
    return embedded;
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
  const tokensOf = (text: string): number => Math.min(maxTokens, Math.ceil(text.length / CHARACTERS_PER_TOKEN));
  const batcher = (count: boolean) => createBatcher({ run: (texts) => pool.run({ texts, count }), tokensOf });
  const [counting, plain] = [batcher(true), batcher(false)];
  return (text, { count, urgent, signal }) => (count ? counting : plain).run(text, { urgent, signal });
}

function embedPool(start: EmbedStart, workersMax = Math.min(availableParallelism(), embedWorkersMax)): EmbedPool {
  return createPool({
    worker: new URL('./embed-worker.ts', import.meta.url),
    workerOptions: { workerData: start },
    workersMax,
    waitingMax: embedTextsWaitingMax,
    // One more task than a worker embeds, so that it need not wait for this thread between two tasks.
    tasksPerWorker: 2,
    startMsMax: modelLoadMs,
    // Terminating a thread while the native session computes would end the process (Napi::Error).
    interruptible: false,
    error: (fault) => embedError(fault, start.directory),
  });
}

function embedError(fault: PoolFault, directory: string): StoreError {
  switch (fault.kind) {
    case 'busy':
      return new StoreError(
        'STORE_BUSY',
        `${embedTextsWaitingMax} texts wait to be embedded already; try again with a growing pause`,
      );
    case 'closed':
      return new StoreError('STORE_CLOSED', 'the embedding model is closed');
    case 'task':
      return new StoreError('EMBED_FAILED', `the embedding model failed: ${fault.cause.message}`);
    case 'start':
    case 'time': {
      const why = fault.kind === 'start' ? fault.cause.message : `it took longer than ${fault.ms / 1_000} seconds`;
      return new StoreError('MODEL_NOT_FOUND', `the model in ${directory} cannot be loaded: ${why}`);
    }
    default:
      return new StoreError('EMBED_FAILED', 'the embedding model failed: its worker died');
  }
}

function checkOutput(vector: Float32Array, dimension: number): void {
  if (vector.length !== dimension || !vector.every(Number.isFinite)) {
    throw new StoreError(
      'EMBED_FAILED',
      `the model gave a vector of ${vector.length} components or with NaN; its card says ${dimension}`,
    );
  }
}
