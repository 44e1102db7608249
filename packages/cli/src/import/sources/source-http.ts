import { readBody, TributaryError } from '@tributary/schemas';
import type { z } from 'zod';
import { sourceAnswerBytesMax, sourceTimeoutMs } from '../limits.ts';
import { patiently, type Patience } from '../retry.ts';
import { readJson } from './json.ts';
import { readShape } from './shapes.ts';

/** A server that records are read from. */
export interface SourceServer {
  /** In messages: `Pinecone`. */
  what: string;
  /** Address without query and credentials. */
  base: string;
  /** Keys go only into headers. */
  headers: Readonly<Record<string, string>>;
}

/** Characters of a refusal that are shown. */
const REFUSAL_CHARS = 300;

/**
 * Calls a server and reads its answer, bounded in time and size. Repeats while the server is away or busy.
 *
 * @param body null sends a GET
 * @throws TributaryError SOURCE_UNREACHABLE, SOURCE_RESPONSE
 */
export async function callSource<T extends z.ZodType>(
  server: SourceServer,
  path: string,
  body: object | null,
  shape: T,
  patience: Patience,
): Promise<z.output<T>> {
  const bytes = await patiently(() => exchange(server, path, body, patience.signal), patience);
  try {
    return readShape(shape, readJson(bytes));
  } catch (cause) {
    throw unreadable(server, path, (cause as Error).message);
  }
}

const unreadable = ({ what }: SourceServer, path: string, why: string): TributaryError =>
  new TributaryError('SOURCE_RESPONSE', `${what} answered ${plain(path)} in a form that is not known: ${why}`);

/** Without the query, which may be long. */
const plain = (path: string): string => path.split('?', 1)[0]!;

async function exchange(server: SourceServer, path: string, body: object | null, signal: AbortSignal): Promise<Uint8Array> {
  const { what, base, headers } = server;
  const timeout = AbortSignal.timeout(sourceTimeoutMs);
  const unreachable = (why: string, options: { cause?: unknown; retryAfterMs?: number | null } = {}) =>
    new TributaryError('SOURCE_UNREACHABLE', `${what} at ${base} ${why}`, options);
  try {
    const response = await fetch(`${base}${path}`, {
      method: body === null ? 'GET' : 'POST',
      // The key must not follow a redirection to another server.
      redirect: 'error',
      signal: AbortSignal.any([signal, timeout]),
      headers: { accept: 'application/json', ...(body === null ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === null ? {} : { body: JSON.stringify(body) }),
    });
    const bytes = await readBody(response, sourceAnswerBytesMax, () =>
      unreadable(server, path, `it is longer than ${sourceAnswerBytesMax} bytes`),
    );
    if (response.ok) return bytes;
    const said = `${response.status} ${new TextDecoder().decode(bytes.subarray(0, REFUSAL_CHARS)).replaceAll(/\s+/g, ' ')}`;
    if (isTemporary(response.status)) throw unreachable(`answered ${said}`, { retryAfterMs: retryAfter(response) });
    throw new TributaryError('SOURCE_RESPONSE', `${what} refused ${plain(path)} with ${said}`);
  } catch (cause) {
    if (cause instanceof TributaryError) throw cause;
    if (signal.aborted) throw signal.reason;
    throw unreachable(timeout.aborted ? `did not answer in ${sourceTimeoutMs} ms` : 'cannot be reached', { cause });
  }
}

/** Not implemented (501) stays so. */
const isTemporary = (status: number): boolean => status === 408 || status === 429 || (status >= 500 && status !== 501);

/** Seconds or a date (RFC 9110 §10.2.3). */
function retryAfter({ headers }: Response): number | null {
  const text = headers.get('retry-after');
  if (text === null) return null;
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : null;
}

/**
 * The address of a server. One without a scheme is https, as Pinecone's clients have it.
 *
 * @throws TributaryError USAGE
 */
export function serverAddress(option: string, text: string): string {
  const address = /^https?:\/\//.test(text) ? text : `https://${text}`;
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || url.search !== '' || url.hash !== '')
    throw new TributaryError('USAGE', `${option} takes an address such as https://store.example, not '${text}'`);
  if (url.username !== '' || url.password !== '')
    throw new TributaryError('USAGE', `${option} takes an address without user and password; keys come from the environment`);
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}
