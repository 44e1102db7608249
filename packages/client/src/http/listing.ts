import { ProofError } from '@tributary/proof';
import { readOffer } from '@tributary/proof/payment';
import { readIdentity } from '@tributary/proof/statements';
import { checkShape, gatewayIndexes, type GatewayIndex } from '@tributary/schemas';
import type { KnownOffer } from '../discovery/types.ts';
import { ClientError } from '../errors.ts';
import { exchange, type GatewayCalls } from './gateway-calls.ts';

/** An index as a gateway lists it: the two signed statements, and their content for programs that do not verify. */
export function toListing({ offer, identity, signedOffer, signedIdentity }: KnownOffer): GatewayIndex {
  const { card, price, limits } = offer;
  return {
    name: offer.index.slice(0, offer.index.indexOf('@')),
    id: offer.index,
    title: card.title,
    description: card.description,
    licence: card.licence,
    provider: identity.did,
    model: card.modelId,
    modelDigest: card.model,
    languages: card.languages,
    dimension: card.dimension,
    metric: card.metric,
    vectors: card.vectors ?? 'dense',
    records: card.records,
    ...(card.questions === undefined ? {} : { questions: card.questions }),
    price: { ...price, unit: offer.unit },
    limits: {
      topK: limits.topK,
      queriesPerMinute: limits.queriesPerMinute,
      exposurePerChannel: limits.exposurePerChannel,
      exposurePerEpoch: limits.exposurePerEpoch,
    },
    offerExpires: new Date(offer.expiry).toISOString(),
    identity: signedIdentity,
    offer: signedOffer,
  };
}

/**
 * The unexpired offers that a gateway lists.
 *
 * @throws TributaryError INPUT_SHAPE; the errors of `exchange` and of a listing whose statements do not hold
 */
export async function listOffers(calls: GatewayCalls, now: number, signal?: AbortSignal): Promise<KnownOffer[]> {
  const reply = await exchange(calls, '/v1/indexes', null, { signal });
  const { indexes } = checkShape(gatewayIndexes, reply, "the gateway's list of indexes");
  return indexes.map((index) => readListing(index, now)).filter((known) => known !== null);
}

/**
 * What a gateway lists, as its provider signed it; null when it has expired. The gateway's unsigned members are
 * ignored, so they cannot change a question.
 *
 * @throws ClientError GATEWAY_RESPONSE when a statement has a wrong signature or is of another index
 */
function readListing(listed: GatewayIndex, now: number): KnownOffer | null {
  try {
    const { identity, hash: identityHash } = readIdentity(listed.identity);
    const { offer, hash: offerHash } = readOffer(listed.offer, { identity, hash: identityHash });
    if (offer.index !== listed.id) throw new ProofError('OFFER_MISMATCH', `its offer is of ${offer.index}`);
    if (offer.expiry <= now || identity.expiry <= now) return null;
    return {
      signedIdentity: listed.identity,
      identity,
      identityHash,
      signedOffer: listed.offer,
      offer,
      offerHash,
      addresses: [],
    };
  } catch (cause) {
    if (!(cause instanceof ProofError)) throw cause;
    throw new ClientError(
      'GATEWAY_RESPONSE',
      `the gateway lists ${listed.id} with statements that do not hold: ${cause.message}`,
      {
        cause,
      },
    );
  }
}
