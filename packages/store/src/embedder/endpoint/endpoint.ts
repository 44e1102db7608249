import { modelDigest } from '@tributary/proof/statements';
import type { Embedder } from '../../embedding.ts';
import { StoreError } from '../../errors.ts';
import { endpointBatchTextsMax, endpointTextsAtOnce, endpointWindowTokens } from '../../limits.ts';
import { createBatcher } from '../batcher.ts';
import { requestEmbeddings, type EndpointOptions } from './request.ts';

/** Bytes of UTF-8 that a token has at least in usual texts: the endpoint's tokenizer is not known. */
const BYTES_PER_TOKEN = 3;
/** Special tokens around a text. */
const TOKENS_AROUND = 2;

const countTokens = (text: string): number => Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN) + TOKENS_AROUND;

/**
 * Embeds at an endpoint that speaks OpenAI's API. The texts leave this machine. One short text is sent to learn the
 * dimension, and whether the key is right.
 *
 * @throws StoreError MODEL_NOT_FOUND, EMBED_FAILED
 */
export async function openEndpoint(options: EndpointOptions): Promise<Embedder> {
  const endpoint = checkUrl(options.baseUrl);
  const asked = { ...options, baseUrl: endpoint };
  const { vectors } = await requestEmbeddings(asked, ['dimension']);
  const dimension = vectors[0]!.length;
  const card = { id: options.model, endpoint, dimension };
  const ended = new AbortController();
  const run = async (texts: string[]) => checked((await requestEmbeddings(asked, texts, ended.signal)).vectors, dimension);
  const batcher = createBatcher({ run, tokensOf: countTokens, textsMax: endpointBatchTextsMax, halvesOn: () => false });
  return {
    card,
    digest: modelDigest(card),
    dimension,
    maxTokens: endpointWindowTokens,
    device: { device: 'remote', weights: 'unknown', why: `texts are sent to ${endpoint}` },
    textsAtOnce: endpointTextsAtOnce,
    async embed(texts, kind, signal) {
      signal?.throwIfAborted();
      return Promise.all(texts.map((text) => batcher.run(text, { urgent: kind === 'query', signal })));
    },
    async embedCounted(texts, _, signal) {
      const all: Float32Array<ArrayBuffer>[] = [];
      let tokens = 0;
      for (let at = 0; at < texts.length; at += endpointBatchTextsMax) {
        const some = await requestEmbeddings(asked, texts.slice(at, at + endpointBatchTextsMax), signal ?? ended.signal);
        all.push(...checked(some.vectors, dimension));
        tokens += some.tokens;
      }
      return { vectors: all, tokens };
    },
    countTokens,
    close: async () => ended.abort(new StoreError('STORE_CLOSED', 'the embedding model is closed')),
  };
}

/** A key must not go over the network in the clear. */
function checkUrl(baseUrl: string): string {
  const url = URL.parse(baseUrl);
  const loopback = url !== null && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url === null || !(url.protocol === 'https:' || (url.protocol === 'http:' && loopback)) || url.username !== '')
    throw new StoreError('MODEL_NOT_FOUND', `'${baseUrl}' is no embedding endpoint: give an https URL, or http on this machine`);
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

function checked(vectors: Float32Array<ArrayBuffer>[], dimension: number): Float32Array<ArrayBuffer>[] {
  if (vectors.every((vector) => vector.length === dimension)) return vectors;
  throw new StoreError('EMBED_FAILED', `the embedding endpoint gave a vector of another dimension than ${dimension}`);
}
