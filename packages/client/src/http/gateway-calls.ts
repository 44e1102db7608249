import { bundleBytesMax, gatewayError, parseJson } from '@tributary/schemas';
import { httpTimeoutMsDefault } from './limits.ts';
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
  const failure = gatewayError.safeParse(value);
  if (!failure.success)
    throw new ClientError('GATEWAY_RESPONSE', `${url} answered with status ${response.status} and no readable error`);
  const { code, message, retryAfterMs = null } = failure.data.error;
  throw new RefusalError(readRefusal({ code, message, retryAfterMs }));
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
    return { response, text: await readBounded(response, url) };
  } catch (cause) {
    if (cause instanceof ClientError) throw cause;
    if (signal?.aborted) throw new ClientError('ABORTED', `gave up waiting for ${url}`, { cause });
    if (timeout.aborted) throw new ClientError('ASK_TIMEOUT', `${url} did not answer in ${timeoutMs} ms`, { cause });
    throw new ClientError('GATEWAY_UNREACHABLE', `no answer from the gateway at ${url.origin}; is it running?`, { cause });
  }
}

const authorization = ({ apiKey }: GatewayCalls): Record<string, string> =>
  apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };

/** A gateway is not trusted, so its response is read up to a limit. By a reader: not every browser iterates streams. */
async function readBounded(response: Response, url: URL): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const reader = response.body?.getReader();
  for (let read = await reader?.read(); read?.done === false; read = await reader?.read()) {
    bytes += read.value.length;
    if (bytes > bundleBytesMax) {
      await reader?.cancel();
      throw new ClientError('GATEWAY_RESPONSE', `${url} sent more than ${bundleBytesMax} bytes`);
    }
    chunks.push(read.value);
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
    return parseJson(json, 'the answer', bundleBytesMax); // as strict as the reader of a proof file
  } catch (cause) {
    throw new ClientError('GATEWAY_RESPONSE', `${url} did not answer with JSON`, { cause });
  }
}
