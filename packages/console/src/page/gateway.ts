import { gatewayError, type Bundle, type GatewayAnswer, type GatewayIndex } from '@tributary/schemas';

/** What the reader asks for. */
export interface Asked {
  query: string;
  /** Index id or name; empty lets the gateway choose. */
  index: string;
  topK: number;
}

/** Each index's proof; the page shows nothing of an answer that is not in one of these. */
export type Proofs = { index: string; proof: Bundle }[];

/** What the gateway refused, in its own words. */
export class GatewayRefusal extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export async function fetchIndexes(): Promise<GatewayIndex[]> {
  const { indexes } = (await call('/v1/indexes')) as { indexes: GatewayIndex[] };
  return indexes;
}

/** @throws GatewayRefusal */
export async function fetchProofs({ query, index, topK }: Asked, signal: AbortSignal): Promise<Proofs> {
  const body = { query, topK, includeProof: true, ...(index === '' ? {} : { index }) };
  const answer = (await call('/v1/query', body, signal)) as GatewayAnswer & { answers?: { index: string; proof?: Bundle }[] };
  const parts = answer.answers ?? [answer];
  return parts.map(({ index: name, proof }) => {
    if (!proof) throw new GatewayRefusal('GATEWAY_RESPONSE', 'the gateway answered without a proof');
    return { index: name, proof };
  });
}

async function call(path: string, body?: object, signal?: AbortSignal): Promise<unknown> {
  const json = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(path, { ...(body ? json : {}), ...(signal ? { signal } : {}) }).catch((cause: unknown) => {
    if (signal?.aborted) throw cause;
    throw new GatewayRefusal('GATEWAY_UNREACHABLE', 'the gateway does not answer; is it still running?');
  });
  const value: unknown = await response.json().catch(() => null);
  if (response.ok) return value;
  const refusal = gatewayError.safeParse(value);
  if (!refusal.success) throw new GatewayRefusal('GATEWAY_RESPONSE', `the gateway answered with status ${response.status}`);
  throw new GatewayRefusal(refusal.data.error.code, refusal.data.error.message);
}
