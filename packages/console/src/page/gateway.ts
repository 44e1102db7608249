import { ProofError } from '@tributary/proof';
import { readOffer } from '@tributary/proof/payment';
import { readIdentity } from '@tributary/proof/statements';
import {
  bundleBytesMax,
  gatewayError,
  gatewayIndexes,
  isTributaryError,
  parseJson,
  type Offer,
  type ProviderIdentity,
} from '@tributary/schemas';
import { readKey } from './api-key.ts';

/** An index on offer, as its provider signed it; the unsigned members of the gateway are not read. */
export interface Listed {
  offer: Offer;
  identity: ProviderIdentity;
}

/** A refusal of the gateway, with its message. */
export class GatewayRefusal extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** @throws GatewayRefusal */
export async function fetchIndexes(now: number): Promise<Listed[]> {
  const list = gatewayIndexes.safeParse(await call('/v1/indexes'));
  if (!list.success) throw new GatewayRefusal('GATEWAY_RESPONSE', 'the gateway did not answer with a list of indexes');
  return list.data.indexes.map(readListed).filter(({ offer, identity }) => offer.expiry > now && identity.expiry > now);
}

function readListed(listed: ReturnType<typeof gatewayIndexes.parse>['indexes'][number]): Listed {
  try {
    const { identity, hash } = readIdentity(listed.identity);
    const { offer } = readOffer(listed.offer, { identity, hash });
    if (offer.index !== listed.id) throw new ProofError('OFFER_MISMATCH', `its offer is of ${offer.index}`);
    return { offer, identity };
  } catch (cause) {
    if (!(cause instanceof ProofError)) throw cause;
    throw new GatewayRefusal(
      'GATEWAY_RESPONSE',
      `the gateway lists ${listed.id} with statements that do not verify: ${cause.message}`,
    );
  }
}

/**
 * Sends a question with the bytes and the nonce that this page made. The answer is not checked here.
 *
 * @throws GatewayRefusal
 */
export async function relay(
  { request, maxCharge }: { request: { nonce: string; body: string }; maxCharge: bigint },
  signal: AbortSignal,
): Promise<unknown> {
  const reply = await call('/v1/relay', { ...request, maxCharge: String(maxCharge) }, signal);
  return typeof reply === 'object' && reply !== null && 'bundle' in reply ? reply.bundle : null;
}

async function call(path: string, body?: object, signal?: AbortSignal): Promise<unknown> {
  const key = readKey();
  const headers = {
    ...(body ? { 'content-type': 'application/json' } : {}),
    ...(key === null ? {} : { authorization: `Bearer ${key}` }),
  };
  const json = { method: 'POST', body: JSON.stringify(body) };
  const sent = { ...(body ? json : {}), headers, ...(signal ? { signal } : {}) };
  const response = await fetch(path, sent).catch((cause: unknown) => {
    if (signal?.aborted) throw cause;
    throw new GatewayRefusal('GATEWAY_UNREACHABLE', 'the gateway does not answer; is it still running?');
  });
  const value = parse(await response.text());
  if (response.ok) return value;
  const refusal = gatewayError.safeParse(value);
  if (!refusal.success) throw new GatewayRefusal('GATEWAY_RESPONSE', `the gateway answered with status ${response.status}`);
  throw new GatewayRefusal(refusal.data.error.code, refusal.data.error.message);
}

/** As strict as the reader of a proof file. */
function parse(text: string): unknown {
  try {
    return parseJson(text, 'the answer', bundleBytesMax);
  } catch (error) {
    if (!isTributaryError(error)) throw error;
    throw new GatewayRefusal(
      'GATEWAY_RESPONSE',
      `the gateway did not answer with JSON that can be read safely: ${error.message}`,
    );
  }
}
