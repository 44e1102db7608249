import { checkShape, gatewayConsistency, gatewayConsistencyQuery, TributaryError } from '@tributary/schemas';
import { callerOf } from '../access.ts';
import type { InFlight } from '../in-flight.ts';
import { ASKING } from '../route-codes.ts';
import type { GatewayDeps, GatewayRoute } from '../types.ts';

/**
 * Passes on a provider's proof that its log grew and was not rewritten, for callers that keep the heads of logs
 * themselves.
 */
export function consistencyRoute({ consistency }: Pick<GatewayDeps, 'consistency'>, inFlight: InFlight): GatewayRoute {
  const { index, first, second } = gatewayConsistencyQuery.shape;
  return {
    method: 'GET',
    url: '/v1/consistency',
    id: 'consistency',
    summary: "The provider's proof that the log of an index grew from one size to the other.",
    access: { permission: 'read' },
    query: {
      index: { schema: index, description: 'Index id, `name@fingerprint`.', required: true },
      first: { schema: first, description: 'Size of the older head, from 1.', required: true },
      second: { schema: second, description: 'Size of the newer head, not below the older.', required: true },
    },
    replies: { 200: { description: 'The consistency path (RFC 6962), hashes as base64url.', schema: gatewayConsistency } },
    errors: ASKING,
    async handler(request, reply) {
      const asked = checkShape(gatewayConsistencyQuery, request.query, 'address');
      callerOf(request).require('read', asked.index);
      const sizes = { index: asked.index, first: Number(asked.first), second: Number(asked.second) };
      if (sizes.first > sizes.second || !Number.isSafeInteger(sizes.second))
        throw new TributaryError('INPUT_SHAPE', 'address: first must not be above second');
      return { hashes: await inFlight.run(reply, (signal) => consistency(sizes, signal)) };
    },
  };
}
