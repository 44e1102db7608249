import { exchange, listOffers, type GatewayCalls, type KnownOffer } from '@tributary/client/http';
import { gatewayCredit, type GatewayCredit } from '@tributary/schemas';
import { readKey } from '../session/api-key.ts';

/**
 * The unexpired offers that this gateway lists.
 *
 * @throws TributaryError
 */
export const fetchOffers = (now: number): Promise<KnownOffer[]> => listOffers(calls(), now);

/** What the reader can still spend, as the gateway says; null when it does not say. Nothing depends on it. */
export async function fetchCredit(): Promise<GatewayCredit | null> {
  try {
    return gatewayCredit.safeParse(await exchange(calls(), '/v1/credit', null)).data ?? null;
  } catch {
    return null;
  }
}

/**
 * Sends a question with the bytes and the nonce that this page made. The answer is not checked here.
 *
 * @throws TributaryError
 */
export async function relay(
  { request, maxCharge }: { request: { nonce: string; body: string }; maxCharge: bigint },
  signal: AbortSignal,
): Promise<unknown> {
  const reply = await exchange(calls(), '/v1/relay', { ...request, maxCharge: String(maxCharge) }, { signal });
  return typeof reply === 'object' && reply !== null && 'bundle' in reply ? reply.bundle : null;
}

function calls(): GatewayCalls {
  const apiKey = readKey();
  return { gateway: location.origin, ...(apiKey === null ? {} : { apiKey }) };
}
