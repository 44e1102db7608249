import { checkHead, createVerifierCaches, toBase64url, vectorToBase64url, verifyAnswer, writeRequest } from '@tributary/proof';
import type { LogHead, VerifiedAnswer, VerifierCaches } from '@tributary/proof';
import {
  bundleBytesMax,
  checkShape,
  ERROR_CODES,
  gatewayError,
  gatewayIndexes,
  gatewayRelayResult,
  request as requestSchema,
  TributaryError,
} from '@tributary/schemas';
import type { Bundle, ErrorCode, GatewayIndex, GatewayResult, Request, Trust } from '@tributary/schemas';
import { ClientError } from './errors.ts';
import { httpTimeoutMsDefault, topKDefault } from './query/limits.ts';
import { toResults } from './query/merge.ts';
import { denseWeightOf } from './dense-weight.ts';
import { minRelevanceOf } from './relevance.ts';
import type { Question } from './query/types.ts';

export interface HttpClientOptions {
  /** Base URL of the gateway. */
  gateway: string;
  trust?: Trust;
  /** Embeds a query for the model of that digest; without it the provider does. */
  embed?: (text: string, modelDigest: string) => Promise<Float32Array | null>;
  fetch?: typeof fetch;
  randomBytes?: (length: number) => Uint8Array;
  now?: () => number;
}

export interface HttpQueryResult {
  results: GatewayResult[];
  answer: VerifiedAnswer;
  bundle: Bundle;
}

/** A client that reaches the network through a gateway it does not trust. */
export interface HttpClient {
  indexes(signal?: AbortSignal): Promise<GatewayIndex[]>;
  /**
   * Asks through `POST /v1/relay` with request bytes and nonce made here, and verifies the answer here: a gateway that alters question,
   * answer or price is found out.
   *
   * @throws ProofError naming the check that failed; TributaryError with the gateway's code; ClientError GATEWAY_UNREACHABLE, GATEWAY_RESPONSE
   */
  query(question: Question, options?: { signal?: AbortSignal }): Promise<HttpQueryResult>;
}

interface Session extends HttpClientOptions {
  caches: VerifierCaches;
  heads: Map<string, LogHead>;
}

export function openHttpClient(options: HttpClientOptions): HttpClient {
  const session: Session = { ...options, caches: createVerifierCaches(), heads: new Map() };
  return {
    indexes: (signal) => indexesOf(session, signal),
    query: (question, how) => query(session, question, how?.signal),
  };
}

async function query(session: Session, question: Question, signal?: AbortSignal): Promise<HttpQueryResult> {
  const request = await toRequest(session, question, signal);
  const nonce = toBase64url((session.randomBytes ?? webRandom)(32));
  const body = writeRequest(request);
  const cap = question.maxCharge === undefined ? {} : { maxCharge: String(question.maxCharge) };
  const reply = await call(session, '/v1/relay', { nonce, body, ...cap }, signal);
  const { bundle } = checkShape(gatewayRelayResult, reply, "the gateway's answer");
  const answer = verify(session, bundle, { request: { nonce, body }, ...cap });
  return { results: toResults(answer), answer, bundle };
}

function verify(
  session: Session,
  bundle: Bundle,
  expected: { request: { nonce: string; body: string }; maxCharge?: string },
): VerifiedAnswer {
  const answer = verifyAnswer(bundle, {
    caches: session.caches,
    now: (session.now ?? Date.now)(),
    expected,
    ...(session.trust ? { trust: session.trust } : {}),
  });
  const { head } = answer.snapshot;
  const known = session.heads.get(head.origin);
  // Growth between two heads is not proven over HTTP; going back and forking are found out.
  if (!known || head.size > known.size || checkHead(known, head)) session.heads.set(head.origin, head);
  return answer;
}

async function toRequest(session: Session, question: Question, signal?: AbortSignal): Promise<Request> {
  const index = await resolve(session, question.index, signal);
  const text = question.text ?? null;
  const mode = question.mode ?? (text === null || question.vector ? 'dense' : 'hybrid');
  const model = index.modelDigest;
  const weight = mode === 'hybrid' ? denseWeightOf(text ?? '', index.languages) : null;
  const vector = question.vector ?? (text !== null && mode !== 'bm25' && session.embed ? await session.embed(text, model) : null);
  return checkShape(
    requestSchema,
    {
      v: 1,
      type: 'tributary/query',
      index: index.id,
      namespace: question.namespace ?? '',
      topK: question.topK ?? Math.min(topKDefault, index.limits.topK),
      mode,
      denseWeight: question.denseWeight ?? weight,
      text,
      vector: vector ? vectorToBase64url(vector) : null,
      model: vector ? model : null,
      filter: question.filter ?? null,
      minRelevance: question.minRelevance ?? (text === null ? 0 : minRelevanceOf(mode, index.model)),
      minSequence: question.minSequence ?? null,
    },
    'query',
  );
}

async function indexesOf(session: Session, signal?: AbortSignal): Promise<GatewayIndex[]> {
  return checkShape(gatewayIndexes, await call(session, '/v1/indexes', null, signal), "the gateway's list of indexes").indexes;
}

async function resolve(session: Session, name: string | undefined, signal?: AbortSignal): Promise<GatewayIndex> {
  const indexes = await indexesOf(session, signal);
  const matching = name === undefined ? indexes : indexes.filter((index) => index.id === name || index.name === name);
  if (matching.length === 1) return matching[0]!;
  const known =
    indexes
      .map(({ id }) => id)
      .slice(0, 20)
      .join(', ') || 'none';
  if (matching.length > 1)
    throw new TributaryError('INDEX_AMBIGUOUS', `name the index to ask: one of ${matching.map(({ id }) => id).join(', ')}`);
  throw new ClientError(
    'INDEX_NOT_OFFERED',
    `the gateway knows no index ${name === undefined ? '' : `'${name}'`}; known: ${known}`,
  );
}

async function call(session: Session, path: string, body: object | null, signal?: AbortSignal): Promise<unknown> {
  const url = new URL(path, session.gateway);
  const { response, text } = await exchange(session, url, body, signal);
  const value = parse(text, url);
  if (response.ok) return value;
  const failure = gatewayError.safeParse(value);
  if (!failure.success)
    throw new ClientError('GATEWAY_RESPONSE', `${url} answered with status ${response.status} and no readable error`);
  const { code, message } = failure.data.error;
  throw new TributaryError(Object.hasOwn(ERROR_CODES, code) ? (code as ErrorCode) : 'INTERNAL', message);
}

async function exchange(session: Session, url: URL, body: object | null, signal?: AbortSignal) {
  const timeout = AbortSignal.timeout(httpTimeoutMsDefault);
  try {
    const response = await (session.fetch ?? fetch)(url, {
      method: body ? 'POST' : 'GET',
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
    });
    return { response, text: await readBounded(response, url) };
  } catch (cause) {
    if (cause instanceof ClientError) throw cause;
    if (signal?.aborted) throw new ClientError('ABORTED', `gave up waiting for ${url}`, { cause });
    if (timeout.aborted) throw new ClientError('ASK_TIMEOUT', `${url} did not answer in ${httpTimeoutMsDefault} ms`, { cause });
    throw new ClientError('GATEWAY_UNREACHABLE', `no answer from the gateway at ${url.origin}; is it running?`, { cause });
  }
}

/** A gateway is not trusted: what it sends is read up to a bound. */
async function readBounded(response: Response, url: URL): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > bundleBytesMax) throw new ClientError('GATEWAY_RESPONSE', `${url} sent more than ${bundleBytesMax} bytes`);
    chunks.push(chunk);
  }
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return new TextDecoder().decode(whole);
}

function parse(json: string, url: URL): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new ClientError('GATEWAY_RESPONSE', `${url} did not answer with JSON`, { cause });
  }
}

function webRandom(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length));
}
