import { readRequest } from '@tributary/proof/statements';
import {
  checkShape,
  gatewayRelay,
  gatewayRelayResult,
  isTributaryError,
  TributaryError,
  type Bundle,
  type Request,
} from '@tributary/schemas';
import type { MadeQuestion } from '../ask.ts';
import type { Endpoint } from '../endpoint.ts';
import { PAYING } from '../route-codes.ts';
import { KEYED } from '../waiting.ts';
import { toAmount } from './amount.ts';

/** The caller made the bytes and the nonce, so it finds its own hash in the receipt and can check the gateway. */
export const relayEndpoint: Endpoint<MadeQuestion, Bundle> = {
  id: 'relay',
  summary: 'Forwards a question whose exact bytes and nonce the caller made.',
  body: gatewayRelay,
  replies: { 200: { description: 'The proof of the answer; it contains the answer.', schema: gatewayRelayResult } },
  requestHeaders: KEYED,
  errors: PAYING,
  parse(request) {
    const { nonce, body, maxCharge } = checkShape(gatewayRelay, request.body, 'relay');
    const { index } = checkRequest(body);
    return { index, made: { nonce, body, ...(maxCharge === undefined ? {} : { maxCharge: toAmount(maxCharge) }) } };
  },
  shape: (bundle) => ({ bundle }),
};

/** A body that no provider could read is the caller's mistake and is refused before anything is paid. */
function checkRequest(body: string): Request {
  try {
    return readRequest(body);
  } catch (cause) {
    if (!isTributaryError(cause)) throw cause;
    throw new TributaryError('INPUT_SHAPE', `relay at body: ${cause.message}`, { cause });
  }
}
