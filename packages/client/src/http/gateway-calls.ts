import { bundleBytesMax, gatewayError, parseJson, readBody, TributaryError } from '@tributary/schemas';
import { httpTimeoutMsDefault, lineCharsMax, lineSilenceMs, ownWriteTimeoutMs } from './limits.ts';
import { ClientError } from '../errors.ts';
import { readRefusal, RefusalError } from '../link/refusal.ts';

/** A gateway and how to reach it. */
export interface GatewayCalls {
  /** Base URL of the gateway. */
  gateway: string;
  /** API key of this program, if the gateway needs one. */
  apiKey?: string;
  fetch?: typeof fetch;
}

/** Options that differ from the default. */
export interface CallOptions {
  signal?: AbortSignal | undefined;
  /** Default: GET without a body, POST with one. */
  method?: 'PATCH' | 'DELETE';
  /** Longest wait. Default: {@link httpTimeoutMsDefault}. */
  timeoutMs?: number;
}

/**
 * Calls a gateway: JSON in, JSON out, bounded in time and size.
 *
 * @param body null sends a GET
 * @throws RefusalError with the gateway's code; ClientError GATEWAY_UNREACHABLE, GATEWAY_RESPONSE, ASK_TIMEOUT, ABORTED
 */
export async function exchange(
  calls: GatewayCalls,
  path: string,
  body: object | null,
  options: CallOptions = {},
): Promise<unknown> {
  const url = new URL(path, calls.gateway);
  const { response, text } = await send(calls, url, body, options);
  const value = parse(text, url);
  if (response.ok) return value;
  throw refusalOf(value, url, response.status);
}

/**
 * Sends a form and yields the lines of the reply as they arrive. Gives up on a gateway that falls silent.
 *
 * @throws the errors of {@link exchange}; a line with an error becomes one
 */
export async function* exchangeLines(
  calls: GatewayCalls,
  path: string,
  form: Blob,
  signal: AbortSignal | undefined,
): AsyncGenerator<unknown> {
  const url = new URL(path, calls.gateway);
  if (signal?.aborted) throw faultOf(signal.reason, url, { signal, silent: null });
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), ownWriteTimeoutMs);
  const heard = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), lineSilenceMs);
  };
  try {
    const response = await (calls.fetch ?? fetch)(url, {
      method: 'POST',
      body: form,
      signal: signal ? AbortSignal.any([signal, silence.signal]) : silence.signal,
      headers: { accept: 'application/x-ndjson', ...authorization(calls) },
    });
    if (!response.ok) throw refusalOf(parse(await readText(response, url), url), url, response.status);
    for await (const line of linesOf(response, url, heard)) {
      const value = parse(line, url);
      if (gatewayError.safeParse(value).success) throw refusalOf(value, url, response.status);
      yield value;
    }
  } catch (cause) {
    throw faultOf(cause, url, { signal, silent: silence.signal.aborted ? 'stopped answering' : null });
  } finally {
    clearTimeout(timer);
  }
}

async function* linesOf(response: Response, url: URL, heard: () => void): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const reader = response.body?.getReader();
  let text = '';
  for (let read = await reader?.read(); read?.done === false; read = await reader?.read()) {
    heard();
    text += decoder.decode(read.value, { stream: true });
    if (text.length > lineCharsMax) {
      await reader?.cancel();
      throw new ClientError('GATEWAY_RESPONSE', `${url} sent a line of more than ${lineCharsMax} characters`);
    }
    const lines = text.split('\n');
    text = lines.pop()!;
    yield* lines;
  }
  if (text !== '') throw new ClientError('GATEWAY_RESPONSE', `${url} stopped in the middle of a line`);
}

function refusalOf(value: unknown, url: URL, status: number): Error {
  const failure = gatewayError.safeParse(value);
  if (!failure.success) return new ClientError('GATEWAY_RESPONSE', `${url} answered with status ${status} and no readable error`);
  const { code, message, retryAfterMs = null } = failure.data.error;
  return new RefusalError(readRefusal({ code, message, retryAfterMs }));
}

/**
 * The error for the caller of a call that failed.
 *
 * @param silent what the gateway did for too long, if that is the cause
 */
function faultOf(
  cause: unknown,
  url: URL,
  { signal, silent }: { signal: AbortSignal | undefined; silent: string | null },
): Error {
  if (cause instanceof TributaryError) return cause;
  if (signal?.aborted) return new ClientError('ABORTED', `gave up waiting for ${url}`, { cause });
  if (silent !== null) return new ClientError('ASK_TIMEOUT', `${url} ${silent}`, { cause });
  return new ClientError('GATEWAY_UNREACHABLE', `no answer from the gateway at ${url.origin}; is it running?`, { cause });
}

async function send(calls: GatewayCalls, url: URL, body: object | null, options: CallOptions) {
  const { signal, method, timeoutMs = httpTimeoutMsDefault } = options;
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await (calls.fetch ?? fetch)(url, {
      method: method ?? (body ? 'POST' : 'GET'),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      headers: { ...(body ? { 'content-type': 'application/json' } : {}), ...authorization(calls) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return { response, text: await readText(response, url) };
  } catch (cause) {
    throw faultOf(cause, url, { signal, silent: timeout.aborted ? `did not answer in ${timeoutMs} ms` : null });
  }
}

const authorization = ({ apiKey }: GatewayCalls): Record<string, string> =>
  apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };

/** A gateway is not trusted, so its response is read up to a limit. */
const readText = async (response: Response, url: URL): Promise<string> =>
  new TextDecoder().decode(
    await readBody(
      response,
      bundleBytesMax,
      () => new ClientError('GATEWAY_RESPONSE', `${url} sent more than ${bundleBytesMax} bytes`),
    ),
  );

function parse(json: string, url: URL): unknown {
  try {
    return parseJson(json, 'the answer', bundleBytesMax); // as strict as the reader of a proof file
  } catch (cause) {
    throw new ClientError('GATEWAY_RESPONSE', `${url} did not answer with JSON`, { cause });
  }
}
