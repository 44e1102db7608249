import { pause } from './pause.ts';
import { price, sold, type World } from './world.ts';

/** An answer over HTTP; status 0 when nobody answered. */
export interface Reply {
  status: number;
  body: unknown;
  /** Code of a refusal. */
  code: string | null;
}

/** Longest wait for an answer: longer than any deadline of the product. */
const answerMs = 60_000;
/** Pause after a refusal, so that callers of a dead process do not spin. */
const refusedPauseMs = 150;

/** Calls a role over HTTP. Never throws. */
export async function call(url: string, path: string, how: CallOptions = {}): Promise<Reply> {
  const { method = how.body === undefined ? 'GET' : 'POST', body, key, type = 'application/json', more = {} } = how;
  try {
    const response = await fetch(new URL(path, url), {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': type }),
        ...(key === undefined ? {} : { 'api-key': key }),
        ...more,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(answerMs),
    });
    const text = await response.text();
    const value: unknown = response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text;
    if (response.ok) return { status: response.status, body: value, code: null };
    await pause(refusedPauseMs);
    return { status: response.status, body: value, code: codeOf(value) };
  } catch (error) {
    await pause(refusedPauseMs);
    return { status: 0, body: String(error), code: whyNot(error as Error & { cause?: { code?: string } }) };
  }
}

/** `NOBODY`: nothing was sent. `CUT`: the connection broke. `SILENT`: it lasted too long. */
function whyNot({ name, cause }: Error & { cause?: { code?: string } }): string {
  if (name === 'TimeoutError') return 'SILENT';
  return cause?.code === 'ECONNREFUSED' ? 'NOBODY' : 'CUT';
}

export interface CallOptions {
  method?: string;
  body?: object | string;
  key?: string;
  type?: string;
  /** Further headers. */
  more?: Record<string, string>;
}

const codeOf = (value: unknown): string => {
  const error = (value as { error?: { code?: string } } | null)?.error;
  return error?.code ?? `no code in ${JSON.stringify(value)}`;
};

/** A paid answer as its caller saw it. */
export interface Delivered {
  charge: bigint;
  receipt: string | null;
  results: { text: string }[];
}

/** The question whose answer has at least one result. */
const question = { index: sold, mode: 'bm25', minRelevance: 0, topK: 3 } as const;

/** Asks the provider through the gateway, with an API key. */
export async function askGateway(world: World, key: string, idempotencyKey?: string): Promise<Delivered | Reply> {
  const more: Record<string, string> = idempotencyKey === undefined ? {} : { 'x-idempotency-key': idempotencyKey };
  const reply = await call(world.url('node'), '/v1/query', { key, body: { ...question, query: 'spring flood' }, more });
  return reply.status === 200 ? delivered(reply.body) : reply;
}

/**
 * Asks the provider through the SDK.
 *
 * @param more text of the question, or the key that names it
 */
export async function askClient(world: World, more: { text?: string; key?: string } = {}): Promise<Delivered | Reply> {
  const body = { ...question, text: 'spring flood', ...more };
  const reply = await call(world.url('client'), '/ask', { body });
  return reply.status === 200 ? delivered(reply.body) : reply;
}

function delivered(body: unknown): Delivered {
  const { usage, results } = body as { usage: { charge: string; receipt: string | null }; results: { text: string }[] };
  return { charge: BigInt(usage.charge), receipt: usage.receipt, results };
}

export const isDelivered = (answer: Delivered | Reply): answer is Delivered => 'charge' in answer;

/** Repeats a question until it is answered, for the given charge. @returns null, or the last refusal */
export async function untilAnswered(
  ask: () => Promise<Delivered | Reply>,
  withinMs: number,
  charge: bigint = price,
): Promise<Reply | null> {
  const endsAt = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (isDelivered(answer))
      return answer.charge === charge ? null : { status: 200, body: `charged ${answer.charge}`, code: 'PRICE' };
    if (performance.now() > endsAt) return answer;
    await pause(refusedPauseMs);
  }
}
