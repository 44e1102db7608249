import { setTimeout as sleep } from 'node:timers/promises';
import { readBody } from '@tributary/schemas';
import { z } from 'zod';
import { StoreError } from '../../errors.ts';
import {
  endpointAttemptsMax,
  endpointReplyBytesMax,
  endpointTimeoutMs,
  endpointWaitMs,
  endpointWaitMsMax,
} from '../../limits.ts';

/** An endpoint that speaks OpenAI's API for embeddings. */
export interface EndpointOptions {
  /** Up to and without `/embeddings`. */
  baseUrl: string;
  /** Sent as bearer token, and never shown; null: none. */
  key: string | null;
  model: string;
  /** Pause between attempts; the clock of the machine when left out. */
  wait?: (ms: number, signal: AbortSignal | undefined) => Promise<unknown>;
}

const reply = z.object({
  data: z.array(z.object({ index: z.number().int().min(0), embedding: z.array(z.number()).min(1) })),
  usage: z.object({ total_tokens: z.number().int().min(0) }).optional(),
});
const refusal = z.object({ error: z.object({ message: z.string(), code: z.string().nullish() }) });

/** Statuses after which the same request may succeed. */
const mayPass = (status: number): boolean => status === 408 || status === 409 || status === 429 || status >= 500;

/** Vectors in the order of the texts; tokens as the endpoint counted them. */
export interface EndpointVectors {
  vectors: Float32Array<ArrayBuffer>[];
  tokens: number;
}

/**
 * Asks the endpoint, again with growing pauses while it is busy or cannot be reached.
 *
 * @throws StoreError EMBED_FAILED, TEXT_TOO_LONG; the signal's reason
 */
export async function requestEmbeddings(
  options: EndpointOptions,
  texts: readonly string[],
  signal?: AbortSignal,
): Promise<EndpointVectors> {
  const { wait = (ms) => sleep(ms, undefined, signal === undefined ? {} : { signal }) } = options;
  for (let attempt = 1; ; attempt += 1) {
    signal?.throwIfAborted();
    const outcome = await ask(options, texts, signal);
    if ('vectors' in outcome) return outcome;
    if (!outcome.again || attempt >= endpointAttemptsMax) throw outcome.error;
    await wait(outcome.afterMs ?? Math.min(endpointWaitMs * 2 ** (attempt - 1), endpointWaitMsMax), signal);
  }
}

type Refused = { error: StoreError; again: boolean; afterMs: number | null };

async function ask(
  { baseUrl, key, model }: EndpointOptions,
  texts: readonly string[],
  signal: AbortSignal | undefined,
): Promise<EndpointVectors | Refused> {
  const timeout = AbortSignal.timeout(endpointTimeoutMs);
  try {
    const response = await fetch(`${baseUrl}/embeddings`, {
      method: 'POST',
      redirect: 'error', // another host must not get the key
      headers: { 'content-type': 'application/json', ...(key === null ? {} : { authorization: `Bearer ${key}` }) },
      body: JSON.stringify({ model, input: texts, encoding_format: 'float' }),
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    const body = parse(await readText(response, baseUrl));
    return response.ok ? vectorsOf(body, texts.length, baseUrl) : refusedWith(response, body, baseUrl);
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof StoreError) return { error: cause, again: false, afterMs: null };
    const why = timeout.aborted ? `no answer within ${endpointTimeoutMs / 1_000} seconds` : 'it cannot be reached';
    return { error: failed(baseUrl, why, cause), again: true, afterMs: null };
  }
}

const failed = (baseUrl: string, why: string, cause?: unknown): StoreError =>
  new StoreError('EMBED_FAILED', `the embedding endpoint ${baseUrl}: ${why}`, { cause });

const readText = async (response: Response, baseUrl: string): Promise<string> =>
  new TextDecoder().decode(
    await readBody(response, endpointReplyBytesMax, () =>
      failed(baseUrl, `its answer has more than ${endpointReplyBytesMax} bytes`),
    ),
  );

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** @throws StoreError EMBED_FAILED for what are no such vectors */
function vectorsOf(body: unknown, count: number, baseUrl: string): EndpointVectors {
  const read = reply.safeParse(body);
  if (!read.success) throw failed(baseUrl, 'its answer is not in the shape of OpenAI');
  const given = read.data.data.toSorted((a, b) => a.index - b.index);
  const vectors = given.map(({ embedding }) => Float32Array.from(embedding));
  const whole = given.length === count && given.every(({ index }, at) => index === at);
  if (!whole || !vectors.every((vector) => vector.length === vectors[0]!.length && vector.every(Number.isFinite)))
    throw failed(baseUrl, `it did not give one vector for each of ${count} texts`);
  return { vectors, tokens: read.data.usage?.total_tokens ?? 0 };
}

function refusedWith(response: Response, body: unknown, baseUrl: string): Refused {
  const said = refusal.safeParse(body);
  const words = said.success ? `: ${said.data.error.message.slice(0, 300)}` : '';
  const tooLong = said.success && said.data.error.code === 'context_length_exceeded';
  const error = tooLong
    ? new StoreError('TEXT_TOO_LONG', `the embedding endpoint ${baseUrl}${words}`)
    : failed(baseUrl, `status ${response.status}${words}`);
  const after = Number(response.headers.get('retry-after'));
  const afterMs = after > 0 ? Math.min(after * 1_000, endpointWaitMsMax) : null;
  const stop = response.headers.get('x-should-retry') === 'false';
  return { error, again: !tooLong && !stop && mayPass(response.status), afterMs };
}
