import { receiptHash } from '@tributary/proof/payment';
import { readRequest } from '@tributary/proof/statements';
import {
  checkShape,
  gatewayRelay,
  gatewayRelayResult,
  isTributaryError,
  TributaryError,
  type Bundle,
  type Offer,
  type Request,
} from '@tributary/schemas';
import { callerOf } from '../access.ts';
import type { InFlight } from '../in-flight.ts';
import { PAYING } from '../route-codes.ts';
import { spend } from '../spend.ts';
import type { GatewayDeps, GatewayRoute } from '../types.ts';
import { toAmount } from './amount.ts';

/** The caller made the bytes and the nonce, so it finds its own hash in the receipt and can check the gateway. */
export function relayRoute({ client, proofs }: Pick<GatewayDeps, 'client' | 'proofs'>, inFlight: InFlight): GatewayRoute {
  return {
    method: 'POST',
    url: '/v1/relay',
    id: 'relay',
    summary: 'Forwards a question whose exact bytes and nonce the caller made.',
    access: { permission: 'read' },
    body: gatewayRelay,
    replies: { 200: { description: 'The proof of the answer; it contains the answer.', schema: gatewayRelayResult } },
    errors: PAYING,
    async handler(request, reply) {
      const { nonce, body, maxCharge } = checkShape(gatewayRelay, request.body, 'relay');
      const { index } = checkRequest(body);
      const caller = callerOf(request);
      caller.require('read', index);
      const made = { nonce, body, ...(maxCharge === undefined ? {} : { maxCharge: toAmount(maxCharge) }) };
      const bundle = await inFlight.run(reply, (signal) =>
        spend(
          caller,
          (purse) => client.queryBytes(made, { signal, purse }),
          ({ receipt: { charge } }) => ({ charges: [{ index, charge }], failed: [] }),
        ),
      );
      proofs.keep(hashOf(bundle), () => bundle);
      return { bundle };
    },
  };
}

/** The client has verified the bundle: its offer is an offer. */
function hashOf({ receipt, offer }: Bundle): string {
  return receiptHash(receipt, (JSON.parse(offer.body) as Offer).network);
}

/** A body that no provider could read is the caller's mistake, and costs nobody a question. */
function checkRequest(body: string): Request {
  try {
    return readRequest(body);
  } catch (cause) {
    if (!isTributaryError(cause)) throw cause;
    throw new TributaryError('INPUT_SHAPE', `relay at body: ${cause.message}`, { cause });
  }
}
