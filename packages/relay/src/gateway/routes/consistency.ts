import { checkShape, gatewayConsistency, gatewayConsistencyQuery, TributaryError, type MethodParams } from '@tributary/schemas';
import type { Endpoint } from '../endpoint.ts';
import { ASKING } from '../route-codes.ts';

const { index, first, second } = gatewayConsistencyQuery.shape;

/**
 * Passes on a provider's proof that its log grew and was not rewritten, for callers that keep heads of logs themselves.
 */
export const consistencyEndpoint: Endpoint<MethodParams<'consistency'>, string[]> = {
  id: 'consistency',
  summary: "The provider's proof that the log of an index grew from one size to the other.",
  query: {
    index: { schema: index, description: 'Index id, `name@fingerprint`.', required: true },
    first: { schema: first, description: 'Size of the older head, from 1.', required: true },
    second: { schema: second, description: 'Size of the newer head, not below the older.', required: true },
  },
  replies: { 200: { description: 'The consistency path (RFC 6962), hashes as base64url.', schema: gatewayConsistency } },
  errors: ASKING,
  parse(request) {
    const asked = checkShape(gatewayConsistencyQuery, request.query, 'address');
    const sizes = { index: asked.index, first: Number(asked.first), second: Number(asked.second) };
    if (sizes.first > sizes.second || !Number.isSafeInteger(sizes.second))
      throw new TributaryError('INPUT_SHAPE', 'address: first must not be above second');
    return sizes;
  },
  shape: (hashes) => ({ hashes }),
};
